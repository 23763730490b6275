package dev.turnpike.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is asked first must not change what is found: the shapes, asked always, are the measure. */
class AnchorsTest {
  private static final long SEED = 20_261_129;
  private static final List<String> ORDINARY =
      List.of(
          "total 12 src/cart.py: return sum(price)\n",
          "const key = require('./key');\n",
          "| name | ------ |\n",
          "https://example.com/a?token=abc&x=1 ",
          "https://dev:hunter2hunter2@example.com/ ",
          "git@example.com:shop.git ",
          "npm_config_cache=/tmp ",
          "task-runner disk-space ",
          "expiresIn: 3600, secretName: \"x\", ",
          "DB_PASSWORD=",
          "privateKey => '",
          "Kelvin to\u212Aen=",
          "Grüße → ",
          "\u4EBA\u5DE5\u667A\u80FD",
          "\u013A\u015A\u012D",
          "api.key",
          "pass_word",
          "\ud83d\ude80",
          "\ud83d",
          "\ude80",
          "?",
          "\\u0041",
          "%20",
          "-",
          "_",
          "=",
          ":",
          "A",
          "z");

  private final Shapes shapes = Shapes.known();

  @Test
  void whatAShapeFindsIsWorthALook() {
    var random = new Random(SEED);
    int found = 0;
    for (int i = 0; i < 60_000; i++) {
      found += look(text(random));
    }
    assertTrue(found > 10_000, "only " + found + " texts held anything");
  }

  @Test
  void anchorsAcrossTheEdgesOfChunksAreSeen() {
    for (List<String> secrets : Secrets.byKind().values()) {
      for (String secret : secrets) {
        for (int before = 8_192 - Math.min(40, secret.length()); before <= 8_193; before++) {
          look(" ".repeat(before) + secret);
          look("→".repeat(before) + " " + secret);
          look("\ud83d\ude80".repeat(before) + " " + secret);
        }
      }
    }
  }

  @Test
  void halvesOfPairsAreSeenAndPairsAreNone() {
    var random = new Random(SEED + 3);
    int halves = 0;
    for (int i = 0; i < 20_000; i++) {
      String text = text(random);
      boolean half = !Sizing.wellFormed(text).equals(text);
      assertEquals(half, (shapes.anchors().in(text) & Anchors.ILL_FORMED) != 0, text);
      halves += half ? 1 : 0;
    }
    assertTrue(halves > 1_000, "only " + halves);
  }

  @Test
  void maskedTextsAreWhatAllShapesMakeOfThem() {
    var random = new Random(SEED + 1);
    for (int i = 0; i < 30_000; i++) {
      String text = text(random);
      var tally = new Tally();
      var all = new Tally();
      String masked = new Masking(shapes, tally).mask(text);
      assertEquals(new Masking(unasked(), all).mask(text), masked, () -> text);
      assertEquals(all.metadata(), tally.metadata(), () -> text);
    }
  }

  @Test
  void aTextThatComesTwiceIsMaskedAndCountedTwice() {
    String text = "x ".repeat(200) + Secrets.byKind().get("github_token").getFirst();
    var tally = new Tally();
    var masking = new Masking(shapes, tally);
    assertEquals(masking.mask(text), masking.mask(text));
    assertEquals("2", tally.metadata().get("masked_github_token"));
  }

  @Test
  void namesAreReadFromTheirEndAsFromTheirStart() {
    var random = new Random(SEED + 2);
    var pieces = new ArrayList<>(ORDINARY);
    pieces.addAll(
        List.of(
            "pass",
            "word",
            "wd",
            "phrase",
            "secret",
            "token",
            "api",
            "access",
            "Secret",
            "private",
            "account",
            "SIGNING",
            "encryption",
            "master",
            "key",
            "Key",
            "KEY",
            "e",
            "d",
            "y",
            ".",
            "to\u212Aen",
            "\u212Aey",
            "\u0130"));
    int secret = 0;
    for (int i = 0; i < 100_000; i++) {
      var name = new StringBuilder("n");
      for (int n = random.nextInt(6); n >= 0; n--) {
        name.append(pieces.get(random.nextInt(pieces.size())));
      }
      String text = name.toString();
      int start = Math.max(0, text.length() - 48);
      boolean ends = endsInWord(text.substring(start));
      assertEquals(
          ends, AssignmentShape.endsInWord(text, start, text.length()) || endsInJoint(text), text);
      secret += ends ? 1 : 0;
    }
    assertTrue(secret > 1_000, "only " + secret);
  }

  /** A name that ends in a joint is sorted out before it is read. */
  private static boolean endsInJoint(String name) {
    return "_-.".indexOf(name.charAt(name.length() - 1)) >= 0
        && endsInWord(name.substring(Math.max(0, name.length() - 48)));
  }

  /** In words: without joints, in lower case, at the end. */
  private static boolean endsInWord(String name) {
    String plain = name.replace("_", "").replace("-", "").replace(".", "").toLowerCase(Locale.ROOT);
    return List.of(
            "password",
            "passwd",
            "passphrase",
            "secret",
            "token",
            "apikey",
            "accesskey",
            "secretkey",
            "privatekey",
            "accountkey",
            "signingkey",
            "encryptionkey",
            "masterkey")
        .stream()
        .anyMatch(plain::endsWith);
  }

  private int look(String text) {
    int worth = shapes.anchors().in(text);
    int any = 0;
    for (int i = 0; i < shapes.all().size(); i++) {
      var found = new ArrayList<Match>();
      shapes.all().get(i).find(text, found);
      if (!found.isEmpty()) {
        any = 1;
        String name = shapes.all().get(i).getClass().getSimpleName();
        assertTrue((worth >>> i & 1) != 0, () -> name + " was not asked about: " + text);
      }
    }
    return any;
  }

  /** The same shapes without anchors: each is asked about every text. */
  private Shapes unasked() {
    return Shapes.of(
        shapes.all().stream()
            .<Shape>map(shape -> (text, found) -> shape.find(text, found))
            .toList());
  }

  private static String text(Random random) {
    List<String> pieces = Secrets.pieces();
    var text = new StringBuilder();
    for (int n = random.nextInt(12); n >= 0; n--) {
      List<String> from = random.nextBoolean() ? pieces : ORDINARY;
      String piece = from.get(random.nextInt(from.size()));
      switch (random.nextInt(8)) {
        case 0 -> text.append(piece, 0, random.nextInt(piece.length() + 1));
        case 1 -> text.append(piece, random.nextInt(piece.length() + 1), piece.length());
        case 2 -> text.append((char) (' ' + random.nextInt(95))).append(piece);
        default -> text.append(piece);
      }
    }
    return text.toString();
  }
}
