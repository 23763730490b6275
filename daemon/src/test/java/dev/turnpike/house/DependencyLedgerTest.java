package dev.turnpike.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** Every dependency has a line in docs/dependencies.md: why, what it costs, how to leave it. */
class DependencyLedgerTest {
  private static final String OURS = "dev.turnpike";

  @Test
  void everyDependencyOfEveryPomIsAccountedFor() throws Exception {
    String ledger = Files.readString(SourceTree.root().resolve("docs/dependencies.md"));
    List<String> missing = new ArrayList<>();
    for (Path pom : SourceTree.poms()) {
      try (InputStream text = Files.newInputStream(pom)) {
        for (String used : direct(text)) {
          if (!ledger.contains("`" + used + "`")) {
            missing.add(SourceTree.named(pom) + ": " + used + " has no line in the ledger");
          }
        }
      }
    }
    assertTrue(missing.isEmpty(), () -> "\n" + String.join("\n", missing));
  }

  @Test
  void managedOnesExclusionsAndOurOwnModulesDoNotCount() throws Exception {
    String pom =
        """
        <project>
          <dependencyManagement><dependencies>
            <dependency><groupId>a</groupId><artifactId>managed</artifactId></dependency>
          </dependencies></dependencyManagement>
          <dependencies>
            <dependency><groupId>a</groupId><artifactId>direct</artifactId>
              <exclusions><exclusion><groupId>a</groupId><artifactId>out</artifactId></exclusion>
              </exclusions></dependency>
            <dependency><groupId>dev.turnpike</groupId><artifactId>own</artifactId></dependency>
          </dependencies>
          <build><plugins><plugin><configuration><annotationProcessorPaths>
            <path><groupId>a</groupId><artifactId>checker</artifactId></path>
          </annotationProcessorPaths></configuration></plugin></plugins></build>
        </project>
        """;
    assertEquals(
        Set.of("a:direct", "a:checker"),
        direct(new ByteArrayInputStream(pom.getBytes(StandardCharsets.UTF_8))));
  }

  private static Set<String> direct(InputStream pom) throws Exception {
    NodeList all =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(pom)
            .getElementsByTagName("*");
    Set<String> found = new TreeSet<>();
    for (int i = 0; i < all.getLength(); i++) {
      Element element = (Element) all.item(i);
      boolean names =
          switch (element.getTagName()) {
            case "dependency", "path", "artifactItem" -> true;
            default -> false;
          };
      if (names && !managed(element)) {
        String group = text(element, "groupId");
        if (!group.equals(OURS)) {
          found.add(group + ":" + text(element, "artifactId"));
        }
      }
    }
    return found;
  }

  private static boolean managed(Element element) {
    for (Node above = element; above != null; above = above.getParentNode()) {
      if (above.getNodeName().equals("dependencyManagement")) {
        return true;
      }
    }
    return false;
  }

  /** The element's own child of that name: the first, since exclusions come after it. */
  private static String text(Element element, String name) {
    return element.getElementsByTagName(name).item(0).getTextContent().strip();
  }
}
