/**
 * One worker for each active session: it reads what is new in the agent's files, has it assembled,
 * and commits every finished turn in one step. Takes in events and nudges; gives out sealed traces
 * to the outbox and steps to the journal.
 */
@NullMarked
package dev.turnpike.session;

import org.jspecify.annotations.NullMarked;
