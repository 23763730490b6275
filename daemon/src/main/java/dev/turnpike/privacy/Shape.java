package dev.turnpike.privacy;

import java.util.List;

/**
 * One way a secret looks. Finds its anchor with {@code indexOf} and checks around it by hand: time
 * is linear in the text, whatever the text is. A body of a match never holds quotes, backslashes or
 * brackets, so replacing it breaks neither JSON nor a second look.
 */
interface Shape {
  void find(String text, List<Match> found);

  /**
   * Whatever {@link #find} finds is found because of one of these, and {@link #likely} is true
   * there. None: every text is to be looked at.
   */
  default List<String> anchors() {
    return List.of();
  }

  /**
   * Whether the anchor at {@code at} is worth a look; may say yes too often, never no where {@link
   * #find} would find something.
   */
  default boolean likely(String text, int at) {
    return true;
  }

  /**
   * Whether something new begins at {@code at}: the text begins there, or the character before
   * belongs to no word and not to {@code body}. The letter of an escape ({@code \n}) and the digits
   * of a percent escape ({@code %3D}) are no part of a word.
   */
  static boolean begins(String text, int at, Chars body) {
    if (at == 0) {
      return true;
    }
    char before = text.charAt(at - 1);
    if (!Chars.ALNUM.has(before) && !body.has(before)) {
      return true;
    }
    boolean escape = at >= 2 && text.charAt(at - 2) == '\\' && "nrtbf".indexOf(before) >= 0;
    boolean percent = at >= 3 && text.charAt(at - 3) == '%';
    return escape || percent;
  }
}
