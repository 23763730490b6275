package dev.turnpike.agent.pi;

import dev.turnpike.model.SpanId;
import dev.turnpike.model.TraceSeed;

/** A sub-agent's turn that goes on after the turn that launched it: its spans come later. */
record Pending(String session, long turn, TraceSeed seed, SpanId parent, String type) {}
