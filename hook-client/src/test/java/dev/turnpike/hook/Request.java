package dev.turnpike.hook;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;

/** One request of the client, as it came over the socket or lies in the spool. */
record Request(byte[] raw) {

  /** Where the head ends, or -1 while it has not all arrived. */
  static int headLength(byte[] raw) {
    int at = new String(raw, ISO_8859_1).indexOf("\r\n\r\n");
    return at < 0 ? -1 : at + 4;
  }

  /** How long the whole request is; its head must be there. */
  long wholeLength() {
    return headLength(raw) + Long.parseLong(header("Content-Length"));
  }

  List<String> headLines() {
    return List.of(new String(raw, 0, headLength(raw) - 4, ISO_8859_1).split("\r\n"));
  }

  List<String> headers(String name) {
    return headLines().stream()
        .skip(1)
        .filter(line -> line.startsWith(name + ": "))
        .map(line -> line.substring(name.length() + 2))
        .toList();
  }

  String header(String name) {
    List<String> values = headers(name);
    if (values.size() != 1) {
      throw new AssertionError(name + " stands " + values.size() + " times in " + headLines());
    }
    return values.getFirst();
  }

  byte[] body() {
    return Arrays.copyOfRange(raw, headLength(raw), raw.length);
  }

  /** The names of the variables that were sent. */
  List<String> variables() {
    return headers("Turnpike-Env").stream().map(v -> v.substring(0, v.indexOf('='))).toList();
  }

  /** A variable's bytes, one char each. */
  String variable(String name) {
    List<String> values =
        headers("Turnpike-Env").stream().filter(v -> v.startsWith(name + "=")).toList();
    if (values.size() != 1) {
      throw new AssertionError(name + " was sent " + values.size() + " times");
    }
    return decode(values.getFirst().substring(name.length() + 1));
  }

  /** Undoes percent-encoding; each char of the result is one byte. */
  static String decode(String encoded) {
    var bytes = new ByteArrayOutputStream();
    for (int at = 0; at < encoded.length(); at++) {
      if (encoded.charAt(at) == '%') {
        bytes.write(Integer.parseInt(encoded.substring(at + 1, at + 3), 16));
        at += 2;
      } else {
        bytes.write(encoded.charAt(at));
      }
    }
    return bytes.toString(ISO_8859_1);
  }
}
