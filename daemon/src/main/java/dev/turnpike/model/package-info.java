/**
 * The words of the product: ids and how they are derived, what a hook said ({@code Event}), and the
 * trace of a turn. Values only; takes in nothing, gives out records that every other room speaks.
 */
@NullMarked
package dev.turnpike.model;

import org.jspecify.annotations.NullMarked;
