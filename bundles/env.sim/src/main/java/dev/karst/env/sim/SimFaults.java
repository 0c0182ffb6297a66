package dev.karst.env.sim;

/**
 * What goes wrong in a simulated environment; nothing unless it is set. Figures named {@code ...OneIn} are chances: once
 * in so many times, 0 for never. They may be changed at any time.
 */
public final class SimFaults {
    /** A read or write of a file moves fewer bytes than asked. */
    public int shortTransferOneIn;
    /** A file operation fails with EIO and changes nothing. */
    public int ioErrorOneIn;
    /** A SYNC of a file fails with EIO and makes nothing durable. */
    public int syncErrorOneIn;
    /** A file ring refuses an operation while others are in flight. */
    public int ringFullOneIn;
    /** A file operation takes {@link #lateNanos}. */
    public int lateOneIn;
    /** How long a late operation takes. */
    public long lateNanos = 5_000_000_000L;
    /** A file operation does not complete until it is cancelled. */
    public int stuckOneIn;
    /** Bytes that all files together may allocate; a write, or a sparse file's growth, beyond it gets ENOSPC. */
    public long diskBytes = Long.MAX_VALUE;
    /** The disk acknowledges a SYNC and makes nothing durable: a planted bug that a power-cut test must find. */
    public boolean lyingSync;
    /** A connection is refused although somebody listens. */
    public int refuseOneIn;
    /** A connection is cut when bytes arrive: both ends see a reset. */
    public int cutOneIn;
    /** Bytes of memory that may be given out; beyond it ENOMEM. */
    public long memoryBytes = Long.MAX_VALUE;

    /** Turns on a random part of the faults that a layer must survive: all but stuck operations, lies and full disks. */
    public void turnSomeOn(SimRandom random) {
        shortTransferOneIn = some(random, 8);
        ioErrorOneIn = some(random, 50);
        ringFullOneIn = some(random, 8);
        lateOneIn = some(random, 100);
        refuseOneIn = some(random, 8);
        cutOneIn = some(random, 500);
    }

    /** The disk and the network work again; what is lost stays lost. */
    public void turnAllOff() {
        shortTransferOneIn = 0;
        ioErrorOneIn = 0;
        syncErrorOneIn = 0;
        ringFullOneIn = 0;
        lateOneIn = 0;
        stuckOneIn = 0;
        diskBytes = Long.MAX_VALUE;
        lyingSync = false;
        refuseOneIn = 0;
        cutOneIn = 0;
        memoryBytes = Long.MAX_VALUE;
    }

    private static int some(SimRandom random, int usual) {
        return random.oneIn(2) ? 0 : (int) random.between(Math.max(2, usual / 2), usual * 2L);
    }
}
