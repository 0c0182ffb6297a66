/**
 * The things of the target: subsystems, namespaces, controllers, queues and the commands in them. It knows what they
 * are and who holds what; what a command does, a {@link dev.karst.nvmf.core.model.CommandSet} says from above.
 *
 * <p>What runs on control threads changes things under the target's lock and publishes them as immutable snapshots or
 * by messages. {@link dev.karst.nvmf.core.model.TargetQueue} and what is called by it run on the reactor of their
 * connection: a {@link dev.karst.nvmf.core.model.Controller} belongs to the reactor of its admin queue, each I/O queue
 * to its own, and a {@link dev.karst.nvmf.core.model.ReactorGroup} holds what the queues of one reactor share.
 */
package dev.karst.nvmf.core.model;
