package dev.karst.bdev.nvme.io;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.BdevIo;
import dev.karst.nvme.NvmeRequest;
import dev.karst.reactor.Message;

/** The command of one I/O, or of one of the two that a COMPARE_AND_WRITE needs. */
@ReactorConfined
final class NvmeOp extends NvmeRequest {
    private final NamespaceChannel channel;
    /** Memory that the command itself needs, {@link NamespaceChannel#SCRATCH_BYTES}. */
    final long scratch;
    /** Brings the end of an admin command home from the reactor of the admin queue. */
    private final Message home = new Message() {
        @Override
        public void run() {
            channel.ended(NvmeOp.this, outcome);
        }
    };

    BdevIo io;
    IoPath path;
    /** The first command of a fused pair, for the second; else null. */
    NvmeOp first;
    /** The second command of a fused pair, for the first; else null. */
    NvmeOp second;
    /** How the command ended, where that is to be kept: for one of a pair, and for one that ended elsewhere. */
    int outcome;
    /** Whether it ended, for one of a pair. */
    boolean over;
    /** Blocks that are done, and those that this command does. */
    long done;
    long piece;
    int retries;
    boolean aborted;
    boolean admin;
    long startNanos;
    /** For the channel: its place among those that wait. */
    NvmeOp next;
    boolean waits;

    NvmeOp(NamespaceChannel channel, long scratch) {
        super(BdevIo.MAX_SEGMENTS);
        this.channel = channel;
        this.scratch = scratch;
    }

    void begin(BdevIo io, long nowNanos) {
        this.io = io;
        done = 0;
        piece = 0;
        retries = 0;
        aborted = false;
        admin = false;
        startNanos = nowNanos;
    }

    @Override
    protected void ended(int status) {
        if (admin && !channel.reactor().isCurrent()) {
            outcome = status;
            channel.reactor().send(home);
        } else {
            channel.ended(this, status);
        }
    }
}
