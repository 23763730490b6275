package dev.turnpike.agent.codex;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where the files of threads lie: {@code sessions/2026/11/20/rollout-2026-11-20T12-42-09-<thread
 * id>.jsonl}, by the local time of the thread's first row; once reverted, with {@code _<rollout
 * id>} behind the thread's.
 */
final class Rollouts {
  private static final Pattern THREAD =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

  private Rollouts() {}

  static boolean isThreadId(String text) {
    return THREAD.matcher(text).matches();
  }

  static boolean isOf(Path file, String thread) {
    return file.getFileName().toString().contains(thread);
  }

  /** Beside another thread's file, or in the folder of the day before or after its begin. */
  static Optional<Path> find(Path beside, String thread) {
    for (Path folder : folders(beside, thread)) {
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(folder, "rollout-*-" + thread + "*.jsonl")) {
        for (Path file : files) {
          return Optional.of(file);
        }
      } catch (IOException e) {
        // that day has no folder
      }
    }
    return Optional.empty();
  }

  private static Set<Path> folders(Path beside, String thread) {
    var folders = new LinkedHashSet<Path>();
    Path day = beside.getParent();
    if (day == null) {
      return folders;
    }
    folders.add(day);
    Path sessions = up(day, 3);
    if (sessions != null) {
      // a thread's id is a UUIDv7: its first 48 bits are milliseconds
      long millis = Long.parseLong(thread.replace("-", "").substring(0, 12), 16);
      LocalDate begun = Instant.ofEpochMilli(millis).atZone(ZoneOffset.UTC).toLocalDate();
      for (int shift = -1; shift <= 1; shift++) {
        LocalDate date = begun.plusDays(shift);
        folders.add(
            sessions
                .resolve(String.format("%04d", date.getYear()))
                .resolve(String.format("%02d", date.getMonthValue()))
                .resolve(String.format("%02d", date.getDayOfMonth())));
      }
    }
    return folders;
  }

  private static @Nullable Path up(Path folder, int levels) {
    Path at = folder;
    for (int i = 0; i < levels && at != null; i++) {
      at = at.getParent();
    }
    return at;
  }
}
