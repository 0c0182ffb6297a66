package dev.karst.bdev;

/**
 * Asks a block device to end an I/O soon; nobody waits for the answer, for the I/O itself ends. Not on the I/O path.
 */
final class AbortIo extends BdevIo {
    private AbortIo(BdevIo victim) {
        super(1);
        type = IoType.ABORT;
        this.victim = victim;
    }

    /** A refusal leaves the I/O to end by itself. */
    static void submit(BdevChannel channel, BdevIo victim) {
        channel.submit(new AbortIo(victim));
    }

    @Override
    protected void ended(int status) {}
}
