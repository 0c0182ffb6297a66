/**
 * Reservations of namespaces: what hosts registered, who holds what, and how that persists. NVMe Base 2.0, 8.19.
 *
 * <p>{@link dev.karst.nvmf.core.reservation.ReservationRules} turns a state and a command into the next state, and knows
 * neither threads nor files. {@link dev.karst.nvmf.core.reservation.ReservationHome} runs the commands of a namespace one
 * after the other on one reactor: a state is made durable first, then every reactor is given the {@link
 * dev.karst.nvmf.core.reservation.Access} that follows from it, then the command ends. The package knows nothing of
 * queues and controllers.
 */
package dev.karst.nvmf.core.reservation;
