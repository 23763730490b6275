package dev.turnpike.gateway;

/** Finds what answers a request. Pure look-up, called on the event loop. */
@FunctionalInterface
interface Routes {
  Router.Route route(Request request);
}
