package dev.turnpike.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/** Lists in a setting: {@code lane:review,env:prod} or {@code ["lane:review","env:prod"]}. */
final class Lists {
  private static final int LIMIT_ITEMS = 20;
  private static final int LIMIT_ITEM_CHARS = 200;
  private static final JsonFactory JSON = new JsonFactory();

  private Lists() {}

  /** Without blanks, repetitions, items above 200 characters, and whatever follows the 20th. */
  static List<String> of(String text) {
    List<String> raw = text.startsWith("[") ? json(text) : List.of(text.split(",", -1));
    var items = new LinkedHashSet<String>();
    for (String item : raw) {
      String plain = item.strip();
      if (!plain.isEmpty() && plain.length() <= LIMIT_ITEM_CHARS && items.size() < LIMIT_ITEMS) {
        items.add(plain);
      }
    }
    return List.copyOf(items);
  }

  private static List<String> json(String text) {
    var items = new ArrayList<String>();
    try (var parser = JSON.createParser(text)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.VALUE_STRING) {
          items.add(parser.getText());
        }
      }
      return items;
    } catch (IOException notJson) {
      return List.of(text.split(",", -1));
    }
  }
}
