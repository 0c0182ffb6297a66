/**
 * The reactors of a running process: the event loop, and the pinned platform threads that run it. The simulator runs the
 * same event loop step by step.
 */
package dev.karst.reactor.core;
