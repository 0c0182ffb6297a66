/**
 * The core of the NVMe-oF target: subsystems, namespaces, controllers and their commands, on any transport.
 *
 * <p>Two halves. {@link dev.karst.nvmf.core.NvmfTarget} and what is called by it run on control threads, change things
 * under one lock and publish them as immutable snapshots or by messages. {@link dev.karst.nvmf.core.TargetQueue} and
 * what is called by it run on the reactor of their connection: a {@link dev.karst.nvmf.core.Controller} belongs to the
 * reactor of its admin queue, each I/O queue to its own, and a {@link dev.karst.nvmf.core.ReactorGroup} holds what the
 * queues of one reactor share.
 */
package dev.karst.nvmf.core;
