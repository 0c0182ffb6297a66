/**
 * The environment, simulated from one seed on one thread: a clock that skips idle time, memory that shows stale reads,
 * sockets that deliver byte by byte, disks that lose what was not synced. Nothing here blocks; whoever drives the
 * simulation runs its events.
 */
package dev.karst.env.sim;
