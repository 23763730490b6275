/**
 * GitHub Copilot: the CLI (made against 1.0.102) and Copilot Chat in VS Code (from its
 * documentation of July 2026). Its own OpenTelemetry is the source of a turn; hooks add the working
 * directory, and the CLI's session file stands in where its telemetry is off.
 */
@NullMarked
package dev.turnpike.agent.copilot;

import org.jspecify.annotations.NullMarked;
