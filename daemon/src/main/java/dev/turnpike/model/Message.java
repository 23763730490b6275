package dev.turnpike.model;

import java.util.List;

/** One message of a model call; {@code role} is user, assistant or system. */
public record Message(String role, List<Part> parts) {
  public Message {
    parts = List.copyOf(parts);
  }
}
