package dev.turnpike.gateway.api;

/**
 * What a route of the API answers with. The {@code permits} clause is the API's table of contents.
 */
public sealed interface Report
    permits ErrorReport,
        FlushReport,
        ForgetReport,
        HealthReport,
        OutboxReport,
        ReloadReport,
        RetryReport,
        RulingReport,
        SendReport,
        ServerList,
        SessionDetail,
        SessionList,
        SettingsReport,
        ShutdownReport,
        StatusReport,
        TraceDetail,
        TraceList {}
