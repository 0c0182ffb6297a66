package dev.karst.scsi.core.model;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.QueuedChannel;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** A SANITIZE under way: a block I/O after the other over the whole unit, in each pass, and then a FLUSH. On the home reactor. */
final class SanitizeJob extends BdevIo {
    /** Blocks of one I/O without data. */
    private static final long STEP = 1 << 20;
    private static final int PROGRESS_BITS = 16;
    private static final String TAKEN_AWAY = "the logical unit is taken away";

    private final LogicalUnit unit;
    private final Sanitizer.Plan plan;
    private final long memory;
    private final IntConsumer progress;
    private final Consumer<String> ended;
    private final int passes;
    private QueuedChannel channel;
    private int pass;
    private long next;
    private boolean stopped;

    /**
     * @param memory address of a buffer of the {@link Workspace}'s size
     * @param progress told how much of 65,536 is done
     * @param ended told once: why it failed, or null
     */
    SanitizeJob(LogicalUnit unit, Sanitizer.Plan plan, long memory, IntConsumer progress, Consumer<String> ended) {
        super(1);
        this.unit = unit;
        this.plan = plan;
        this.memory = memory;
        this.progress = progress;
        this.ended = ended;
        passes = plan.block() != null ? plan.passes() : unit.unmaps() ? 2 : 1;
    }

    void begin() {
        if (stopped) {
            ended.accept(TAKEN_AWAY);
            return;
        }
        try {
            channel = new QueuedChannel(unit.openChannel(unit.home));
        } catch (StorageException e) {
            ended.accept(e.getMessage());
            return;
        }
        beginPass();
    }

    /** Erasing, blocks are zeroed first and given back then. */
    private void beginPass() {
        next = 0;
        if (plan.block() == null) {
            type = pass == 0 ? IoType.WRITE_ZEROES : IoType.UNMAP;
        } else {
            type = IoType.WRITE;
            fill();
        }
        goOn();
    }

    private void fill() {
        byte[] block = plan.block().clone();
        for (int i = 0; i < block.length && plan.inverts() && pass % 2 == 1; i++) {
            block[i] = (byte) ~block[i];
        }
        for (int at = 0; at < Workspace.BUFFER_BYTES; at += block.length) {
            Mem.put(memory + at, block, 0, block.length);
        }
    }

    private void goOn() {
        long all = unit.bdev().blocks();
        if (next < all) {
            offsetBlocks = next;
            blocks = Math.min(all - next, type == IoType.WRITE ? Workspace.BUFFER_BYTES / unit.blockBytes() : STEP);
            next += blocks;
        } else {
            type = IoType.FLUSH;
            offsetBlocks = 0;
            blocks = all;
        }
        data.clear();
        if (type == IoType.WRITE) {
            data.add(memory, (int) blocks * unit.blockBytes());
        }
        progress.accept((int) (((double) pass + (double) next / all) / passes * (1 << PROGRESS_BITS)));
        channel.submit(this);
    }

    @Override
    protected void ended(int status) {
        if (stopped) {
            finish(TAKEN_AWAY);
        } else if (status != Status.OK) {
            finish(type + " of " + blocks + " blocks at " + offsetBlocks + ": " + Status.text(status));
        } else if (type != IoType.FLUSH) {
            goOn();
        } else if (++pass < passes) {
            beginPass();
        } else {
            finish(null);
        }
    }

    private void finish(String failure) {
        channel.close();
        ended.accept(failure);
    }

    /** Ends it soon. */
    void stop() {
        stopped = true;
        if (channel != null) {
            channel.abort(this);
        }
    }
}
