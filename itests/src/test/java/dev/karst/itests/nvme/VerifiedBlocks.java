package dev.karst.itests.nvme;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.env.Region;
import dev.karst.nvme.NvmeNamespace;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.nvme.NvmeRequest;
import dev.karst.reactor.Timer;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * Random reads and writes of a namespace, each block of which is compared with what was written last. Several requests are in flight, each
 * on blocks of its own; what a reset ends is done again. Reactor-confined, but for {@link #done}.
 */
final class VerifiedBlocks {
    /** Bytes of memory that one needs. */
    static final int MEMORY = 16 * 128 * 1024;

    private static final int SLOTS = 16;
    private static final int SLOT_BYTES = MEMORY / SLOTS;
    private static final int DATA_BYTES = SLOT_BYTES / 2;
    private static final int WINDOW = 64;
    private static final long UNKNOWN = 0;
    private static final long RETRY_NANOS = 2_000_000;
    /** Bit 29 of command dword 12: the controller makes protection information and takes it off. */
    private static final long PRACT = 1L << 29;
    private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

    private final NvmeQueuePair queue;
    private final NvmeNamespace namespace;
    private final Random random;
    private final boolean separate;
    private final int blockBytes;
    private final CompletableFuture<String> done = new CompletableFuture<>();
    private long left;
    private int running;
    private long verified;
    private long aborted;
    private long generation;

    VerifiedBlocks(NvmeQueuePair queue, NvmeNamespace namespace, long seed) {
        this.queue = queue;
        this.namespace = namespace;
        random = new Random(seed);
        boolean protects = namespace.format().protection() > 0;
        separate = !protects && !namespace.format().extended() && namespace.format().metadataBytes() > 0;
        blockBytes = protects ? namespace.format().blockSize() : namespace.format().bufferBytes();
    }

    /** What was done, or a failure, when so many requests have ended. */
    CompletableFuture<String> done() {
        return done;
    }

    void start(Region memory, long requests) {
        left = requests;
        for (int slot = 0; slot < SLOTS; slot++) {
            running++;
            new Slot((long) slot * WINDOW, memory.address() + (long) slot * SLOT_BYTES).next();
        }
    }

    /** Ends soon, with what was done until then. */
    void stop() {
        left = 0;
    }

    private void slotEnds() {
        if (--running == 0) {
            done.complete(verified + " blocks verified, " + aborted + " requests ended by resets");
        }
    }

    private final class Slot extends NvmeRequest {
        private final long base;
        private final long memory;
        /** By block of the window, what it holds. */
        private final long[] held = new long[WINDOW];
        private int first;
        private int blocks;
        private int offset;
        private long mark;
        private final Timer retry = new Timer() {
            @Override
            public void expired() {
                next();
            }
        };

        Slot(long base, long memory) {
            super(2);
            this.base = base;
            this.memory = memory;
        }

        void next() {
            if (left <= 0 || done.isDone()) {
                slotEnds();
                return;
            }
            boolean writes = random.nextInt(3) > 0;
            first = random.nextInt(WINDOW);
            int most = Math.min(Math.min(WINDOW - first, namespace.limits().maxTransferBlocks()), (DATA_BYTES - 4096) / blockBytes);
            blocks = 1 + random.nextInt(most);
            offset = random.nextInt(1024) * 4;
            command(writes ? Opcode.NVM_WRITE : Opcode.NVM_READ, namespace.nsid());
            range(base + first, blocks);
            if (namespace.format().protection() > 0) {
                cdw12and13 |= PRACT;
                // ILBRT: as Linux has it.
                cdw14and15 = base + first;
            }
            place();
            if (writes) {
                generation++;
                Arrays.fill(held, first, first + blocks, UNKNOWN);
                each((at, bytes, block) -> fill(at, bytes, block, generation));
                mark = generation;
            } else {
                Mem.fill(memory, SLOT_BYTES, (byte) 0x33);
            }
            if (queue.submit(this) == Status.OK) {
                left--;
            } else {
                queue.reactor().schedule(retry, RETRY_NANOS);
            }
        }

        /** In two pieces where the device takes that. */
        private void place() {
            int bytes = blocks * blockBytes;
            int cut = random.nextInt(bytes / 4) * 4;
            data.add(memory + offset, cut);
            data.add(memory + offset + cut, bytes - cut);
            if (cut == 0 || queue.fits(data) < bytes) {
                data.set(memory + offset, bytes);
            }
            if (separate) {
                metadata = memory + DATA_BYTES;
                metadataBytes = blocks * namespace.format().metadataBytes();
            }
        }

        private interface Piece {
            void at(long address, int bytes, int block);
        }

        private void each(Piece piece) {
            for (int i = 0; i < blocks; i++) {
                piece.at(memory + offset + (long) i * blockBytes, blockBytes, first + i);
                if (separate) {
                    int bytes = namespace.format().metadataBytes();
                    piece.at(memory + DATA_BYTES + (long) i * bytes, bytes, first + i);
                }
            }
        }

        private long word(int block, long written, int at) {
            return (base + block + 1) * MIX ^ written << 20 ^ at;
        }

        private void fill(long address, int bytes, int block, long written) {
            for (int at = 0; at < bytes; at += 8) {
                Mem.setLong(address + at, word(block, written, at));
            }
        }

        private void compare(long address, int bytes, int block) {
            long written = held[block];
            for (int at = 0; at < bytes && written != UNKNOWN; at += 8) {
                if (Mem.getLong(address + at) != word(block, written, at)) {
                    done.complete("FAIL: namespace " + namespace.nsid() + " block " + (base + block) + " byte " + at + " holds "
                        + Long.toHexString(Mem.getLong(address + at)) + ", not what was written");
                    return;
                }
            }
            verified += written == UNKNOWN ? 0 : 1;
        }

        @Override
        protected void ended(int status) {
            int code = status & 0x7ff;
            if (code == 0 && opcode == Opcode.NVM_WRITE) {
                Arrays.fill(held, first, first + blocks, mark);
            } else if (code == 0) {
                each(this::compare);
            } else if (code == NvmeStatus.COMMAND_ABORTED_BY_HOST) {
                aborted++;
            } else {
                done.complete("FAIL: namespace " + namespace.nsid() + " opcode " + opcode + " block " + (base + first) + " blocks "
                    + blocks + " ended with status " + Integer.toHexString(status));
            }
            queue.reactor().schedule(retry, 0);
        }
    }
}
