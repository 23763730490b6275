/**
 * What agents send over OTLP: reads an {@code ExportTraceServiceRequest}, protobuf or JSON, into
 * validated spans, and writes them down again for the inbox. Takes in bytes of strangers, gives out
 * values; a bad span is left out alone and counted.
 */
@NullMarked
package dev.turnpike.otlp;

import org.jspecify.annotations.NullMarked;
