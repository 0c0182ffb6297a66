package dev.karst.nvmf.tcp;

import dev.karst.base.ReactorConfined;
import dev.karst.base.StorageException;
import dev.karst.env.Memory;
import dev.karst.env.Region;

/**
 * Memory for the data of transfers, in two sizes. The connections of one reactor share it: a connection may hold no more
 * buffers of a size than are left for the others, so there are always some for one that has none. Who waits is served in turn,
 * a connection at a time.
 */
@ReactorConfined
final class DataBuffers {
    static final int SMALL_BYTES = 8192;
    private static final int SMALL_COUNT = 512;
    private static final int LARGE_COUNT = 64;

    private final Memory memory;
    private final Region small;
    private final Region large;
    private final long[] freeSmall = new long[SMALL_COUNT];
    private final long[] freeLarge = new long[LARGE_COUNT];
    private int smallCount;
    private int largeCount;
    private final BufferLine forSmall = new BufferLine();
    private final BufferLine forLarge = new BufferLine();

    DataBuffers(Memory memory, int maxIoBytes) throws StorageException {
        this.memory = memory;
        int largeBytes = Math.max(SMALL_BYTES, maxIoBytes + 4095 & -4096);
        small = memory.allocate("nvmf.tcp small buffers", (long) SMALL_BYTES * SMALL_COUNT);
        large = allocateOrFree(memory, (long) largeBytes * LARGE_COUNT, small);
        while (smallCount < SMALL_COUNT) {
            freeSmall[smallCount] = small.address() + (long) SMALL_BYTES * smallCount++;
        }
        while (largeCount < LARGE_COUNT) {
            freeLarge[largeCount] = large.address() + (long) largeBytes * largeCount++;
        }
    }

    private static Region allocateOrFree(Memory memory, long bytes, Region before) throws StorageException {
        try {
            return memory.allocate("nvmf.tcp large buffers", bytes);
        } catch (StorageException e) {
            memory.free(before);
            throw e;
        }
    }

    /** A buffer of at least {@code bytes} bytes, or 0 when the connection has to wait for one. */
    long take(BufferShare share, int bytes) {
        return share.firstWaiting == null ? takeNow(share, bytes) : 0;
    }

    private long takeNow(BufferShare share, int bytes) {
        boolean isSmall = bytes <= SMALL_BYTES && smallCount > 0;
        boolean mayTake = isSmall ? share.small < smallCount : share.large < largeCount;
        return mayTake ? takeAgain(share, bytes) : 0;
    }

    /** A buffer for what had one before it was handed over, whatever else the connection holds; 0 when there is none. */
    long takeAgain(BufferShare share, int bytes) {
        if (bytes <= SMALL_BYTES && smallCount > 0) {
            share.small++;
            return freeSmall[--smallCount];
        }
        if (largeCount == 0) {
            return 0;
        }
        share.large++;
        return freeLarge[--largeCount];
    }

    /** Whether there are buffers of that size, be they for others. */
    boolean has(int bytes) {
        return largeCount > 0 || bytes <= SMALL_BYTES && smallCount > 0;
    }

    /** Takes a buffer back, and gives what there is to those that wait, in turn. */
    void give(BufferShare share, long buffer) {
        if (buffer >= small.address() && buffer < small.end()) {
            freeSmall[smallCount++] = buffer;
            share.small--;
        } else {
            freeLarge[largeCount++] = buffer;
            share.large--;
            serve(forLarge);
        }
        serve(forSmall);
    }

    /**
     * Who waits and gets nothing while there are buffers holds at least one, so this looks at no more connections than
     * there are buffers.
     */
    private void serve(BufferLine line) {
        BufferShare share = line.first;
        while (share != null && has(share.firstWaiting.length)) {
            long given = takeNow(share, share.firstWaiting.length);
            if (given == 0) {
                share = share.next;
            } else {
                TcpRequest request = share.removeFirst();
                requeue(share);
                request.connection().buffered(request, given);
                share = line.first;
            }
        }
    }

    private void requeue(BufferShare share) {
        if (share.line != null) {
            share.line.remove(share);
        }
        if (share.firstWaiting != null) {
            (share.firstWaiting.length <= SMALL_BYTES ? forSmall : forLarge).add(share);
        }
    }

    /** The request gets a buffer as soon as its turn comes. */
    void await(BufferShare share, TcpRequest request) {
        share.append(request);
        if (share.line == null) {
            requeue(share);
        }
    }

    /** No request of the connection waits any more. */
    void cancel(BufferShare share) {
        share.firstWaiting = null;
        requeue(share);
    }

    int smallInUse() {
        return SMALL_COUNT - smallCount;
    }

    int largeInUse() {
        return LARGE_COUNT - largeCount;
    }

    /** Whether all buffers are here and nobody waits. */
    boolean isWhole() {
        return smallCount == SMALL_COUNT && largeCount == LARGE_COUNT
            && forSmall.first == null && forLarge.first == null;
    }

    void close() {
        assert isWhole() : "closed while buffers are out";
        memory.free(small);
        memory.free(large);
    }
}
