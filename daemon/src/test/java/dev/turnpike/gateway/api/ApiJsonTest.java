package dev.turnpike.gateway.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ApiJsonTest {
  @Test
  void everyReportIsReadBackAsItWasWritten() throws Exception {
    for (var report : Samples.all()) {
      var json = ApiJson.write(report);
      assertEquals(report, ApiJson.read(json, report.getClass()), text(json));
    }
  }

  @Test
  void everyReportIsWrittenAsDataBindingWrites() throws Exception {
    var times = new SimpleModule().addSerializer(Instant.class, ToStringSerializer.instance);
    var bound =
        JsonMapper.builder()
            .addModule(times)
            .defaultPropertyInclusion(
                JsonInclude.Value.construct(
                    JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
            .enable(JsonGenerator.Feature.WRITE_BIGDECIMAL_AS_PLAIN)
            .build();
    for (var report : Samples.all()) {
      assertEquals(bound.writeValueAsString(report) + "\n", text(ApiJson.write(report)));
    }
  }

  @Test
  void whatIsNotKnownIsLeftOut() {
    var json = text(ApiJson.write(new HealthReport(true, "0.1.0", 1, java.util.List.of())));
    assertEquals("{\"ready\":true,\"version\":\"0.1.0\",\"pid\":1,\"problems\":[]}\n", json);
    assertFalse(text(ApiJson.write(Samples.sent())).contains("problem"));
  }

  @Test
  void instantsAreIsoTextsInUtc() {
    var json = text(ApiJson.write(Samples.status()));
    assertEquals(true, json.contains("\"started\":\"2026-11-21T10:00:00Z\""), json);
  }

  @Test
  void fieldsOfANewerDaemonAreSkipped() throws Exception {
    var json = "{\"pid\":5,\"farewell\":\"bye\"}".getBytes(StandardCharsets.UTF_8);
    assertEquals(new ShutdownReport(5), ApiJson.read(json, ShutdownReport.class));
  }

  @Test
  void whatIsNoSuchReportIsAnError() {
    var json = "<html>".getBytes(StandardCharsets.UTF_8);
    assertThrows(IOException.class, () -> ApiJson.read(json, StatusReport.class));
    var badTime = "{\"started\":\"yesterday\"}".getBytes(StandardCharsets.UTF_8);
    assertThrows(IOException.class, () -> ApiJson.read(badTime, StatusReport.class));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
