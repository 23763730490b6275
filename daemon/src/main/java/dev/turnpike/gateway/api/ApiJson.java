package dev.turnpike.gateway.api;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;

/**
 * The API's records as JSON and back. Instants are ISO-8601 in UTC, what is not known is left out,
 * unknown fields are skipped so that an older client can read a newer daemon.
 */
public final class ApiJson {
  /** By data binding, which only the command line loads: the daemon writes. */
  private static final class Reading {
    /** A list that an older daemon does not have yet is empty. */
    private static final JsonSetter.Value EMPTY = JsonSetter.Value.forValueNulls(Nulls.AS_EMPTY);

    private static final ObjectMapper MAPPER =
        JsonMapper.builder()
            .addModule(
                new SimpleModule("turnpike").addDeserializer(Instant.class, new InstantReader()))
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .withConfigOverride(List.class, empty -> empty.setSetterInfo(EMPTY))
            .withConfigOverride(Map.class, empty -> empty.setSetterInfo(EMPTY))
            .build();

    private Reading() {}
  }

  private ApiJson() {}

  /** UTF-8, one line, with a newline at its end. */
  public static byte[] write(Report report) {
    return ReportWriter.write(report);
  }

  /** Reads an answer; fails with an {@link IOException} if it is not of that shape. */
  public static <R extends Report> R read(byte[] json, Class<R> type) throws IOException {
    try {
      return Reading.MAPPER.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new Unknown(e);
    }
  }

  /** An answer that is not of the expected shape. */
  public static final class Unknown extends IOException {
    private static final long serialVersionUID = 1;

    Unknown(JsonProcessingException cause) {
      super("the daemon's answer is not understood: it may be of another version", cause);
    }
  }

  private static final class InstantReader extends StdDeserializer<Instant> {
    private static final long serialVersionUID = 1;

    InstantReader() {
      super(Instant.class);
    }

    @Override
    public Instant deserialize(JsonParser in, DeserializationContext context) throws IOException {
      try {
        return Instant.parse(in.getText());
      } catch (DateTimeParseException e) {
        throw context.weirdStringException(in.getText(), Instant.class, e.getMessage());
      }
    }
  }
}
