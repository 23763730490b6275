package dev.turnpike.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mapdb.BTreeMap;
import org.mapdb.DB;
import org.mapdb.DBMaker;
import org.mapdb.HTreeMap;
import org.mapdb.Serializer;

/** MapDB works with the libraries the build gives it in place of those it asks for. */
class MapdbFilesTest {
  @TempDir Path folder;

  @Test
  void mapsOfAFileAreThereAfterCommitAndReopen() {
    File file = folder.resolve("index.db").toFile();
    try (DB db = DBMaker.fileDB(file).transactionEnable().fileChannelEnable().make()) {
      fill(db);
      db.commit();
    }
    try (DB db = DBMaker.fileDB(file).transactionEnable().fileChannelEnable().make()) {
      check(db);
    }
  }

  @Test
  void storesWithoutTransactionsWorkToo() {
    File file = folder.resolve("plain.db").toFile();
    try (DB db = DBMaker.fileDB(file).checksumHeaderBypass().make()) {
      fill(db);
    }
    try (DB db = DBMaker.fileDB(file).checksumHeaderBypass().make()) {
      check(db);
    }
  }

  private static void fill(DB db) {
    BTreeMap<String, byte[]> sorted = sorted(db);
    HTreeMap<String, Long> hashed = hashed(db);
    for (int i = 0; i < 2_000; i++) {
      sorted.put("key-" + i, ("value-" + i).repeat(20).getBytes(StandardCharsets.UTF_8));
      hashed.put("key-" + i, (long) i);
    }
    sorted.remove("key-7");
  }

  private static void check(DB db) {
    BTreeMap<String, byte[]> sorted = sorted(db);
    assertEquals(1_999, sorted.size());
    assertArrayEquals(
        "value-1999".repeat(20).getBytes(StandardCharsets.UTF_8), sorted.get("key-1999"));
    assertEquals(1_000L, hashed(db).get("key-1000"));
  }

  private static BTreeMap<String, byte[]> sorted(DB db) {
    return db.treeMap("sorted", Serializer.STRING, Serializer.BYTE_ARRAY).createOrOpen();
  }

  private static HTreeMap<String, Long> hashed(DB db) {
    return db.hashMap("hashed", Serializer.STRING, Serializer.LONG).createOrOpen();
  }
}
