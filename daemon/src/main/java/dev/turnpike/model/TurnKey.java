package dev.turnpike.model;

/**
 * The agent's own id of the row that opened a turn. Never an ordinal: ordinals move on resume, fork
 * and compaction. Where an agent's id is not globally unique the adapter puts the session id in
 * front of it.
 */
public record TurnKey(String value) {
  public TurnKey {
    if (value.isBlank()) {
      throw new IllegalArgumentException("blank turn key");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
