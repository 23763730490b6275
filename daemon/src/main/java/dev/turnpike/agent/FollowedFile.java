package dev.turnpike.agent;

import java.nio.file.Path;

/**
 * A file an assembler wants read. {@code from} is where to begin when it is first opened.
 *
 * @param wanted whether its absence means that rows are still to come (a transcript) or nothing (an
 *     optional companion)
 */
public record FollowedFile(Path path, long from, boolean wanted) {}
