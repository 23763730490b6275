package dev.turnpike.export.langfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.turnpike.config.Credentials;
import dev.turnpike.config.Destination;
import dev.turnpike.config.ExporterChoice;
import dev.turnpike.export.Http;
import dev.turnpike.model.TraceId;
import dev.turnpike.testing.FakeLangfuse;
import dev.turnpike.testing.Fault;
import dev.turnpike.testing.Mode;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProjectsTest {
  private static final TraceId TRACE = new TraceId("0af7651916cd43dd8448eb211c80319c");

  private final FakeLangfuse langfuse = FakeLangfuse.start(Mode.EVENTS_ONLY);
  private final Http http = new Http(Map.of(), InstantSource.system());
  private final Projects projects = new Projects(http, "0.1.0", InstantSource.system());
  private final Destination destination =
      Destination.of(langfuse.url(), "pk-lf-test", ExporterChoice.AUTO);
  private final Credentials good = new Credentials("pk-lf-test", "sk-lf-test");

  @AfterEach
  void stop() {
    http.close();
    langfuse.close();
  }

  @Test
  void goodKeysNameTheirProject() {
    assertEquals(new ProjectAnswer.Found("shop", "Shop", "Org"), projects.check(destination, good));
  }

  @Test
  void linkIsAskedForOnce() {
    String link = langfuse.url() + "/project/shop/traces/" + TRACE;
    assertEquals(Optional.of(link), projects.traceLink(destination, good, TRACE));
    assertEquals(Optional.of(link), projects.traceLink(destination, good, TRACE));
    assertEquals(
        Optional.of(langfuse.url() + "/project/shop/sessions/a%20b"),
        projects.sessionLink(destination, good, "a b"));
    assertEquals(1, langfuse.requests().size());
  }

  @Test
  void failureIsNotAskedAgainAtOnce() {
    langfuse.faults(Fault.status(503).onPath(".*"));
    assertEquals(Optional.empty(), projects.traceLink(destination, good, TRACE));
    assertEquals(Optional.empty(), projects.traceLink(destination, good, TRACE));
    assertEquals(1, langfuse.requests().size());
  }

  @Test
  void wrongKeysAreToldFromWrongAddress() {
    assertInstanceOf(
        ProjectAnswer.WrongKeys.class,
        projects.check(destination, new Credentials("pk-lf-test", "sk-lf-wrong")));
    langfuse.faults(Fault.status(403).onPath(".*"));
    assertInstanceOf(ProjectAnswer.WrongKind.class, projects.check(destination, good));
    langfuse.faults(Fault.status(404).onPath(".*"));
    assertInstanceOf(ProjectAnswer.NotLangfuse.class, projects.check(destination, good));
    langfuse.faults(Fault.status(200).body("<html>hello</html>").onPath(".*"));
    assertInstanceOf(ProjectAnswer.NotLangfuse.class, projects.check(destination, good));
    langfuse.down();
    assertInstanceOf(ProjectAnswer.Unreachable.class, projects.check(destination, good));
  }
}
