package dev.turnpike.gateway;

import dev.turnpike.gateway.api.RulingReport;
import dev.turnpike.gateway.api.ServerList;
import java.io.IOException;

/** The user's word on servers that agents' environments named. */
public interface DestinationControl {
  ServerList servers();

  Ruled allow(String host) throws IOException;

  Ruled deny(String host) throws IOException;

  /** What came of it. */
  sealed interface Ruled {
    record Done(RulingReport report) implements Ruled {}

    record NoServer() implements Ruled {}

    /** The settings name it: only they can take it back. */
    record Named(String server) implements Ruled {}
  }
}
