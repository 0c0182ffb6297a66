package dev.karst.scsi.core.reservation;

/**
 * A nexus that is registered.
 *
 * @param key its reservation key, not 0
 */
public record Registrant(NexusName nexus, long key) {}
