package dev.turnpike.cli.setup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.turnpike.platform.Os;
import dev.turnpike.testing.NotChecked;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;

/** What service managers are given, filled in as install does it. */
class UnitsTest {
  @TempDir Path temp;

  private FakeMachine machine;

  @BeforeEach
  void machine() throws IOException {
    machine = new FakeMachine(temp.toRealPath());
  }

  @Test
  void systemdFindsNoFaultWithTheUnits() throws Exception {
    machine.environment.put("XDG_STATE_HOME", temp.resolve("a \"b\" 50%").toString());
    Path units = units();
    Programs programs = Programs.real(Duration.ofSeconds(30));
    NotChecked.unless(
        programs.run(List.of("systemd-analyze", "--version")).well(),
        "systemd-analyze is not on this machine, so nobody but this project has looked at the"
            + " units");
    var ran =
        programs.run(
            List.of(
                "env",
                "XDG_RUNTIME_DIR=" + temp,
                "systemd-analyze",
                "verify",
                "--user",
                units.resolve("turnpike.socket").toString(),
                units.resolve("turnpike.service").toString()));
    // systemd below 254 does not know two of the keys, ignores them and says so
    List<String> complaints =
        ran.output()
            .lines()
            .filter(line -> !line.contains("RestartSteps") && !line.contains("RestartMaxDelaySec"))
            .filter(line -> line.contains("turnpike"))
            .toList();
    assertEquals(List.of(), complaints);
    assertTrue(ran.well(), ran.output());
  }

  @Test
  void theSocketIsPrivateAndHandedOverOnDescriptorZero() throws Exception {
    Path units = units();
    List<String> socket = Files.readAllLines(units.resolve("turnpike.socket"));
    assertTrue(socket.contains("ListenStream=" + machine.paths().socket()));
    for (String line :
        List.of("SocketMode=0600", "DirectoryMode=0700", "Accept=no", "WantedBy=sockets.target")) {
      assertTrue(socket.contains(line), line);
    }
    List<String> service = Files.readAllLines(units.resolve("turnpike.service"));
    for (String line :
        List.of(
            "StandardInput=socket", "StandardOutput=journal", "UMask=0077", "Restart=on-failure")) {
      assertTrue(service.contains(line), line);
    }
  }

  @Test
  void pathsWithOddCharactersAreEscaped() throws Exception {
    machine.environment.put("XDG_DATA_HOME", "/x/a b%c$d\"e");
    machine.environment.put("XDG_RUNTIME_DIR", "/run/1%2");
    Path units = units();
    assertTrue(
        Files.readString(units.resolve("turnpike.service"))
            .contains("ExecStart=\"/x/a b%%c$$d\\\"e/turnpike/bin/turnpike\" daemon"));
    assertTrue(
        Files.readString(units.resolve("turnpike.socket"))
            .contains("ListenStream=/run/1%%2/turnpike/turnpike.sock"));
  }

  @Test
  void whatDecidesTheDaemonsPlacesIsPassedOn() throws Exception {
    machine.environment.put("XDG_STATE_HOME", "/var/my state");
    assertTrue(
        Files.readString(units().resolve("turnpike.service"))
            .contains("Environment=\"XDG_STATE_HOME=/var/my state\""));
  }

  @Test
  void thePropertyListHasWhatLaunchdNeeds() throws Exception {
    machine.os = Os.MACOS;
    machine.environment.put("TURNPIKE_SOCKET", "/tmp/a&b<c>.sock");
    var services = machine.world().services(machine.image);
    services.write(Inventory.read(temp.resolve("inventory")));
    Map<String, Element> keys =
        dictionary(parsed(machine.home.resolve("Library/LaunchAgents/dev.turnpike.daemon.plist")));
    assertEquals("dev.turnpike.daemon", keys.get("Label").getTextContent());
    List<String> arguments = new ArrayList<>();
    children(keys.get("ProgramArguments")).forEach(one -> arguments.add(one.getTextContent()));
    assertEquals(
        List.of(
            machine
                .home
                .resolve("Library/Application Support/turnpike/app/bin/turnpike")
                .toString(),
            "daemon"),
        arguments);
    Map<String, Element> listener = dictionary(dictionary(keys.get("Sockets")).get("Listener"));
    assertEquals("/tmp/a&b<c>.sock", listener.get("SockPathName").getTextContent());
    assertEquals(0600, Integer.parseInt(listener.get("SockPathMode").getTextContent()));
    assertEquals("true", dictionary(keys.get("inetdCompatibility")).get("Wait").getTagName());
    assertEquals(0077, Integer.parseInt(keys.get("Umask").getTextContent()));
    assertFalse(keys.containsKey("StandardOutPath"), "that is the socket");
  }

  private Path units() throws IOException {
    var services = machine.world().services(machine.image);
    assertFalse(services.written());
    assertTrue(services.write(Inventory.read(temp.resolve("inventory"))));
    assertTrue(services.written());
    // systemd-analyze wants the program to exist
    Path program = machine.world().places().daemonProgram();
    if (program.startsWith(temp.toRealPath())) {
      FakeMachine.program(program, "exit 0");
    }
    return machine.world().places().units();
  }

  private static Element parsed(Path plist) throws Exception {
    var builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
    // the document type lies on Apple's server
    builder.setEntityResolver((name, address) -> new InputSource(new StringReader("")));
    Element root = builder.parse(plist.toFile()).getDocumentElement();
    assertEquals("plist", root.getTagName());
    return children(root).getFirst();
  }

  /** A dict's values by key. */
  private static Map<String, Element> dictionary(Element dict) {
    assertEquals("dict", dict.getTagName());
    var values = new TreeMap<String, Element>();
    List<Element> children = children(dict);
    for (int i = 0; i < children.size(); i += 2) {
      assertEquals("key", children.get(i).getTagName());
      values.put(children.get(i).getTextContent(), children.get(i + 1));
    }
    return values;
  }

  private static List<Element> children(Element parent) {
    var elements = new ArrayList<Element>();
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element) {
        elements.add(element);
      }
    }
    return elements;
  }
}
