package dev.karst.nvme.tcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.StorageException;
import dev.karst.env.sim.SimRandom;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.Opcode;
import java.util.Arrays;

/** A request that reads and writes blocks of its own, in pieces of memory of any size, and knows what they hold. */
final class Worker {
    static final int COUNT = 16;
    private static final int SLOT_BLOCKS = KarstTarget.BLOCKS / COUNT;
    private static final int COMMANDS = 6;

    private final SimRandom random;
    private final Host.Waited request;
    private final byte[] model = new byte[SLOT_BLOCKS * KarstTarget.BLOCK_BYTES];
    private final int firstBlock;
    private int left = COMMANDS;
    private int from;
    private int bytes;
    private byte[] writing;

    private Worker(SimWorld world, Host host, int index) throws StorageException {
        random = world.random().split();
        request = host.request(96, model.length);
        firstBlock = index * SLOT_BLOCKS;
    }

    /** Has workers do all that they have to, while {@code between} runs between two steps of the world. */
    static void work(SimWorld world, Host host, NvmeQueuePair queue, Runnable between) throws Exception {
        Worker[] workers = new Worker[COUNT];
        for (int i = 0; i < COUNT; i++) {
            workers[i] = new Worker(world, host, i);
            workers[i].begin(host, queue);
        }
        while (Arrays.stream(workers).anyMatch(worker -> worker.left > 0)) {
            world.until(() -> {
                between.run();
                assertEquals(0, host.losses.size(), () -> "lost: " + host.losses);
                return Arrays.stream(workers).anyMatch(Worker::hasEnded);
            });
            for (Worker worker : workers) {
                if (worker.hasEnded()) {
                    worker.verify();
                    worker.left--;
                    if (worker.left > 0) {
                        worker.begin(host, queue);
                    }
                }
            }
        }
    }

    private boolean hasEnded() {
        return left > 0 && request.done;
    }

    private void begin(Host host, NvmeQueuePair queue) throws Exception {
        int blocks = 1 + random.below(random.oneIn(3) ? SLOT_BLOCKS : 12);
        int block = random.below(SLOT_BLOCKS - blocks + 1);
        from = block * KarstTarget.BLOCK_BYTES;
        bytes = blocks * KarstTarget.BLOCK_BYTES;
        writing = random.oneIn(2) ? pattern(bytes) : null;
        request.command(writing != null ? Opcode.NVM_WRITE : Opcode.NVM_READ, 1).range(firstBlock + block, blocks);
        request.put(writing != null ? writing : new byte[bytes]);
        scatter();
        host.submit(queue, request);
    }

    private byte[] pattern(int length) {
        byte[] data = new byte[length];
        int seed = random.below(1 << 20);
        for (int i = 0; i < length; i++) {
            data[i] = (byte) (seed + i * 31 + (i >> 8));
        }
        return data;
    }

    /** Adjacent pieces of the request's buffer. */
    private void scatter() {
        long address = request.region.address();
        int pieces = random.oneIn(2) ? 1 : 1 + random.below(90);
        int unlisted = bytes;
        for (int i = 1; i < pieces && unlisted > 8; i++) {
            int length = 4 * (1 + random.below(Math.min(unlisted / 4 - 1, 1024)));
            request.data.add(address + bytes - unlisted, length);
            unlisted -= length;
        }
        request.data.add(address + bytes - unlisted, unlisted);
    }

    private void verify() {
        assertEquals(0, request.status);
        if (writing != null) {
            System.arraycopy(writing, 0, model, from, bytes);
        } else {
            assertArrayEquals(Arrays.copyOfRange(model, from, from + bytes), request.get(bytes));
        }
    }
}
