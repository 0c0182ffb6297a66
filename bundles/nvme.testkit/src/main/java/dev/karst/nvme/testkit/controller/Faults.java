package dev.karst.nvme.testkit.controller;

/**
 * What goes wrong in a simulated controller; nothing unless it is set. Figures named {@code ...OneIn} are chances: once in so
 * many times, 0 for never. They may be changed at any time.
 */
public final class Faults {
    /** An I/O command fails with a status that lets it be done again. */
    public int errorOneIn;
    /** A command takes {@link #lateNanos}. */
    public int lateOneIn;
    /** How long a late command takes. */
    public long lateNanos = 5_000_000_000L;
    /** An I/O command does not end until it is aborted. */
    public int stuckOneIn;
    /** A command that is stuck cannot be aborted either: Abort says that it was not. */
    public boolean abortsFail;
    /** The controller breaks down: CSTS.CFS, and it does nothing more until it is reset. */
    public int fatalOneIn;
    /** It never becomes ready. */
    public boolean neverReady;
    /** It never becomes not ready after it was disabled. */
    public boolean neverDisabled;

    /** A lie: a completion of a command that nobody gave. */
    public int unknownCidOneIn;
    /** A lie: a completion comes a second time, later. */
    public int duplicateOneIn;
    /** A lie: a completion is written with the phase of what was there before, and its place is taken all the same. */
    public int phaseStuckOneIn;
    /** A lie: SQHD lies outside of the queue. */
    public int headOutOfRangeOneIn;
    /** A lie: completions of commands that were in flight are posted after a reset. */
    public boolean lateAfterReset;
    /** A lie: Identify data is noise. */
    public boolean noise;
    /** A lie, when not negative: MDTS. */
    public int maxTransfer = -1;

    /** It works again. */
    public void turnAllOff() {
        errorOneIn = 0;
        lateOneIn = 0;
        stuckOneIn = 0;
        abortsFail = false;
        fatalOneIn = 0;
        neverReady = false;
        neverDisabled = false;
        unknownCidOneIn = 0;
        duplicateOneIn = 0;
        phaseStuckOneIn = 0;
        headOutOfRangeOneIn = 0;
        lateAfterReset = false;
        noise = false;
        maxTransfer = -1;
    }

    /** Whether it may say what is not so. */
    public boolean lies() {
        return unknownCidOneIn + duplicateOneIn + phaseStuckOneIn + headOutOfRangeOneIn > 0 || lateAfterReset || noise
            || maxTransfer >= 0;
    }
}
