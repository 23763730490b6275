package dev.turnpike.gateway.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes records as JSON objects, their components in order, by what reports are made of: records,
 * lists, maps with text keys, texts, numbers, truths and instants. Data binding would do it too,
 * and bring 400 classes into every daemon that is asked for its health: 3 MB, and most of the time
 * of the first answer.
 */
final class ReportWriter {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN).build();

  private ReportWriter() {}

  /** UTF-8, one line, with a newline at its end. */
  static byte[] write(Report report) {
    var bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      value(report, out);
      out.writeRaw('\n');
    } catch (IOException | ReflectiveOperationException e) {
      throw new IllegalStateException("a report that is not JSON: " + report.getClass(), e);
    }
    return bytes.toByteArray();
  }

  private static void value(@Nullable Object value, JsonGenerator out)
      throws IOException, ReflectiveOperationException {
    switch (value) {
      case null -> out.writeNull();
      case String text -> out.writeString(text);
      case Long number -> out.writeNumber(number);
      case Integer number -> out.writeNumber(number);
      case Boolean truth -> out.writeBoolean(truth);
      case BigDecimal number -> out.writeNumber(number);
      case Instant time -> out.writeString(time.toString());
      case Record record -> components(record, out);
      case Map<?, ?> map -> entries(map, out);
      case List<?> list -> elements(list, out);
      default -> throw new IllegalStateException(value.getClass() + " is no part of a report");
    }
  }

  /** What is not known is left out. */
  private static void components(Record record, JsonGenerator out)
      throws IOException, ReflectiveOperationException {
    out.writeStartObject();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      Object value = read(record, component);
      if (value != null) {
        out.writeFieldName(component.getName());
        value(value, out);
      }
    }
    out.writeEndObject();
  }

  private static @Nullable Object read(Record record, RecordComponent component)
      throws ReflectiveOperationException {
    try {
      return component.getAccessor().invoke(record);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(component + " cannot be read", e.getCause());
    }
  }

  private static void entries(Map<?, ?> map, JsonGenerator out)
      throws IOException, ReflectiveOperationException {
    out.writeStartObject();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (entry.getValue() != null) {
        out.writeFieldName(String.valueOf(entry.getKey()));
        value(entry.getValue(), out);
      }
    }
    out.writeEndObject();
  }

  private static void elements(List<?> list, JsonGenerator out)
      throws IOException, ReflectiveOperationException {
    out.writeStartArray();
    for (Object element : list) {
      value(element, out);
    }
    out.writeEndArray();
  }
}
