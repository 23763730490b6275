/**
 * Owns how Langfuse is spoken to: which of its two paths, what our trace looks like in its
 * attributes or events, and what its answers mean. Takes in batches; gives out wire bytes, results,
 * and the project behind a pair of keys.
 */
@NullMarked
package dev.turnpike.export.langfuse;

import org.jspecify.annotations.NullMarked;
