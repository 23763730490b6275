package dev.turnpike.gateway.api.text;

import java.util.ArrayList;
import java.util.List;

/** Rows in aligned columns; numbers to the right. */
final class Table {
  private static final String GAP = "  ";

  private final List<Column> columns;
  private final List<List<String>> rows = new ArrayList<>();

  private record Column(String title, boolean right) {}

  /**
   * @param titles one for each column; a leading {@code >} aligns it to the right
   */
  Table(String... titles) {
    columns =
        List.of(titles).stream()
            .map(t -> t.startsWith(">") ? new Column(t.substring(1), true) : new Column(t, false))
            .toList();
  }

  Table row(String... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(
          cells.length + " cells for " + columns.size() + " columns");
    }
    rows.add(List.of(cells));
    return this;
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  /** Every line ends in a newline and none in spaces. */
  String render(String indent) {
    var widths = new int[columns.size()];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = width(columns.get(i).title());
      for (var row : rows) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    var text = new StringBuilder();
    if (columns.stream().anyMatch(column -> !column.title().isEmpty())) {
      line(text, indent, widths, columns.stream().map(Column::title).toList());
    }
    rows.forEach(row -> line(text, indent, widths, row));
    return text.toString();
  }

  private void line(StringBuilder text, String indent, int[] widths, List<String> cells) {
    var line = new StringBuilder(indent);
    for (int i = 0; i < widths.length; i++) {
      var padding = " ".repeat(widths[i] - width(cells.get(i)));
      line.append(i == 0 ? "" : GAP)
          .append(columns.get(i).right() ? padding + cells.get(i) : cells.get(i) + padding);
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
