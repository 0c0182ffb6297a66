package dev.karst.env.linux.file;

import dev.karst.env.Environment;
import dev.karst.env.FileOp;
import dev.karst.env.kit.Allocation;
import dev.karst.env.kit.FileRingContract;
import dev.karst.env.linux.LinuxEnvironment;
import org.junit.jupiter.api.Test;

/** What the contract cannot ask of every ring: that it allocates nothing. */
abstract class LinuxFileRingTest extends FileRingContract {
    private static final long MEMORY_CAP = 64L << 20;
    private static final int ROUND = 2_000;

    /** Whether the ring is to be io_uring. */
    abstract boolean uring();

    @Override
    protected Environment environment() {
        return new LinuxEnvironment(MEMORY_CAP, uring());
    }

    @Override
    protected String kind() {
        return uring() ? "io_uring" : "threads";
    }

    @Test
    void shouldAllocateNothingWhenWarm() {
        Probe flat = transfer(FileOp.Kind.READ, 0, 1);
        Probe scattered = transfer(FileOp.Kind.WRITE, 4, 2);
        scattered.data.set(memory.address(), BLOCK);
        scattered.data.add(memory.address() + 2 * BLOCK, BLOCK);
        var ops = new Probe[] {flat, scattered};
        Allocation.assertNoneOnceWarm(() -> repeat(ROUND, ops));
    }

    private void repeat(int times, Probe[] ops) {
        for (int i = 0; i < times; i++) {
            for (Probe op : ops) {
                ring.submit(op);
                ring.cancel(op);
            }
            while (ring.inFlight() > 0) {
                if (ring.poll() == 0) {
                    events.poll(1_000_000);
                }
            }
        }
    }
}
