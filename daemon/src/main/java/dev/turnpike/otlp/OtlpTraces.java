package dev.turnpike.otlp;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Reads the body of a trace export. */
public final class OtlpTraces {
  private static final JsonFactory JSON = new JsonFactory();

  /** How a body is written. */
  public enum Encoding {
    PROTOBUF,
    JSON
  }

  private OtlpTraces() {}

  /**
   * @param gzip whether the body is compressed
   * @throws Undecodable if it is not what it says it is, or too long when inflated
   * @throws IOException if the body cannot be read
   */
  public static Decoded decode(InputStream body, Encoding encoding, boolean gzip, OtlpLimits limits)
      throws Undecodable, IOException {
    var tally = new Tally(limits);
    List<SpanBatch> batches;
    try (InputStream plain = gzip ? new GZIPInputStream(body) : body) {
      var bounded = new BoundedStream(plain, limits.bytes());
      batches =
          switch (encoding) {
            case PROTOBUF -> ProtoTraces.read(bounded.readAllBytes(), tally);
            case JSON -> json(bounded, tally);
          };
    } catch (BoundedStream.TooLong e) {
      throw new Undecodable("the body is longer than " + limits.bytes() + " bytes");
    } catch (JacksonException e) {
      throw new Undecodable("not a trace export in JSON: " + e.getOriginalMessage());
    } catch (ZipException | EOFException e) {
      throw new Undecodable("not a gzip body: " + e.getMessage());
    }
    return new Decoded(
        batches.stream().filter(batch -> !batch.spans().isEmpty()).toList(),
        tally.rejected(),
        tally.shortfalls());
  }

  private static List<SpanBatch> json(InputStream in, Tally tally) throws IOException {
    try (JsonParser parser = JSON.createParser(in)) {
      return JsonTraces.read(parser, tally);
    }
  }
}
