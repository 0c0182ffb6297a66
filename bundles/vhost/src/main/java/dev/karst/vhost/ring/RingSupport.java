package dev.karst.vhost.ring;

/**
 * What a ring has besides.
 *
 * @param scratch {@link Ring#SCRATCH_BYTES} for the ring alone
 * @param inflight where its chains in flight are kept, {@link Ring#inflightBytes}; 0 for nowhere
 * @param log where writes to the guest's memory are noted; null for nowhere
 * @param usedGuest the guest's address of what the device writes of the ring, when that is noted too; else 0
 */
public record RingSupport(long scratch, long inflight, DirtyLog log, long usedGuest) {}
