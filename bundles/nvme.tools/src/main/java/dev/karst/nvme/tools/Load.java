package dev.karst.nvme.tools;

import dev.karst.base.Clock;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.nvme.NvmeNamespace;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.nvme.NvmeRequest;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;

/** So many requests on one queue, each submitted again when it ends. On the queue's reactor, but for what is said otherwise. */
@ReactorConfined
final class Load {
    /**
     * What is done.
     *
     * @param depth requests in flight
     * @param bytes of each
     * @param random whether places are random, rather than one after the other
     * @param readPercent how many of a hundred read
     */
    record Pattern(int depth, int bytes, boolean random, int readPercent) {}

    private static final int PERCENT = 100;

    private final NvmeQueuePair queue;
    private final NvmeNamespace namespace;
    private final Pattern pattern;
    private final Clock clock;
    private final int blocks;
    private final long places;
    private final Latencies latencies = new Latencies();
    private long place;
    private long state;
    private int inFlight;
    private boolean measuring;
    private volatile boolean running = true;
    private volatile String failure;

    /** @param seed of the places */
    Load(NvmeQueuePair queue, NvmeNamespace namespace, Pattern pattern, Clock clock, long seed) {
        this.queue = queue;
        this.namespace = namespace;
        this.pattern = pattern;
        this.clock = clock;
        blocks = pattern.bytes() / namespace.format().bufferBytes();
        places = namespace.blocks() / blocks;
        state = seed | 1;
    }

    private final class Io extends NvmeRequest {
        private long begun;

        Io(long address) {
            super(1);
            data.set(address, pattern.bytes());
        }

        void go() {
            opcode = reads() ? Opcode.NVM_READ : Opcode.NVM_WRITE;
            nsid = namespace.nsid();
            range(next() * blocks, blocks);
            begun = clock.nanos();
            int status = queue.submit(this);
            if (status != Status.OK) {
                inFlight--;
                fail("a request was refused: " + Status.text(status));
            }
        }

        @Override
        protected void ended(int status) {
            if (status != 0) {
                inFlight--;
                fail("a request failed: " + NvmeStatus.text(status));
                return;
            }
            if (measuring) {
                latencies.add(clock.nanos() - begun);
            }
            if (running) {
                go();
            } else {
                inFlight--;
            }
        }
    }

    private boolean reads() {
        return pattern.readPercent() == PERCENT || (random() >>> 33) % PERCENT < pattern.readPercent();
    }

    private long next() {
        if (pattern.random()) {
            return (random() >>> 1) % places;
        }
        place = place + 1 == places ? 0 : place + 1;
        return place;
    }

    /** Marsaglia's xorshift64. */
    private long random() {
        state ^= state << 13;
        state ^= state >>> 7;
        state ^= state << 17;
        return state;
    }

    /** Submits all; their memory begins at that address. */
    void start(long address) {
        for (int i = 0; i < pattern.depth() && running; i++) {
            inFlight++;
            new Io(address + (long) i * pattern.bytes()).go();
        }
    }

    /** Counts from now on. */
    void measure() {
        measuring = true;
    }

    /** Submits no more. */
    void stop() {
        running = false;
        measuring = false;
    }

    int inFlight() {
        return inFlight;
    }

    Latencies latencies() {
        return latencies;
    }

    private void fail(String why) {
        failure = why;
        running = false;
    }

    /** Why it ended early, or null. Any thread. */
    String failure() {
        return failure;
    }
}
