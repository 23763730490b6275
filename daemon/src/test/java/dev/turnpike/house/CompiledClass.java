package dev.turnpike.house;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the house rules need to know of a class, read from its class file.
 *
 * @param name internal, {@code dev/turnpike/model/Event$Kind}
 * @param uses our own classes it names anywhere: in code, descriptors, generic signatures,
 *     annotations
 * @param calls every method it refers to, as {@code java/time/Instant.now()Ljava/time/Instant;}
 * @param mutableStatics its static fields that are not final
 */
record CompiledClass(
    String name, Set<String> uses, Set<String> calls, List<String> mutableStatics) {
  /** A class entry is a bare name; in descriptors and signatures a name stands behind an L. */
  private static final Pattern OURS = Pattern.compile("(?:^|L)(dev/turnpike/[\\w/$]*[\\w$])");

  static List<CompiledClass> below(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<CompiledClass> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".class")).sorted().toList()) {
        found.add(of(ClassFile.of().parse(file)));
      }
    }
    return found;
  }

  static CompiledClass of(ClassModel model) {
    String self = model.thisClass().asInternalName();
    Set<String> uses = new TreeSet<>();
    Set<String> calls = new TreeSet<>();
    for (PoolEntry entry : model.constantPool()) {
      switch (entry) {
        case Utf8Entry text -> {
          Matcher names = OURS.matcher(text.stringValue());
          while (names.find()) {
            uses.add(names.group(1));
          }
        }
        case MemberRefEntry member ->
            calls.add(
                member.owner().asInternalName()
                    + "."
                    + member.name().stringValue()
                    + member.type().stringValue());
        default -> {}
      }
    }
    uses.remove(self);
    List<String> mutableStatics =
        model.fields().stream()
            .filter(field -> field.flags().has(AccessFlag.STATIC))
            .filter(field -> !field.flags().has(AccessFlag.FINAL))
            .filter(field -> !field.flags().has(AccessFlag.SYNTHETIC))
            .map(field -> field.fieldName().stringValue())
            .toList();
    return new CompiledClass(self, uses, calls, mutableStatics);
  }

  /** {@code Kind} of {@code dev/turnpike/model/Event$Kind}. */
  String simpleName() {
    return name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('$')) + 1);
  }
}
