/**
 * Reservations of logical units: who registered, who holds what, and how that persists. SPC-5, 5.14.
 *
 * <p>{@link dev.karst.scsi.core.reservation.ReservationRules} turns a state and a request into the next state, and knows neither
 * threads nor files. {@link dev.karst.scsi.core.reservation.ReservationHome} runs the requests of a logical unit one after the
 * other on one reactor: a state is made durable first, then every reactor is given the {@link
 * dev.karst.scsi.core.reservation.Access} that follows from it, then the request ends. The package knows nothing of nexuses but
 * their names.
 */
package dev.karst.scsi.core.reservation;
