package dev.karst.nvmf.tcp;

import dev.karst.base.ReactorConfined;
import dev.karst.base.StorageException;
import dev.karst.env.Memory;
import dev.karst.env.Region;

/**
 * Memory for the data of transfers, in two sizes, and the requests that wait for some in order. The connections of one
 * reactor share it.
 */
@ReactorConfined
final class DataBuffers {
    static final int SMALL_BYTES = 8192;
    private static final int SMALL_COUNT = 256;
    private static final int LARGE_COUNT = 64;

    private final Memory memory;
    private final Region small;
    private final Region large;
    private final long[] freeSmall = new long[SMALL_COUNT];
    private final long[] freeLarge = new long[LARGE_COUNT];
    private int smallCount;
    private int largeCount;
    private TcpRequest firstWaiting;
    private TcpRequest lastWaiting;

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

    /** A buffer of at least {@code bytes} bytes, or 0 when there is none or others wait already. */
    long take(int bytes) {
        return firstWaiting == null ? takeNow(bytes) : 0;
    }

    private long takeNow(int bytes) {
        if (bytes <= SMALL_BYTES && smallCount > 0) {
            return freeSmall[--smallCount];
        }
        return largeCount > 0 ? freeLarge[--largeCount] : 0;
    }

    /** Takes a buffer back, and gives it on to whoever has waited longest. */
    void give(long buffer) {
        if (buffer >= small.address() && buffer < small.end()) {
            freeSmall[smallCount++] = buffer;
        } else {
            freeLarge[largeCount++] = buffer;
        }
        while (firstWaiting != null) {
            TcpRequest request = firstWaiting;
            long given = takeNow(request.length);
            if (given == 0) {
                return;
            }
            leave(request, null);
            request.connection().buffered(request, given);
        }
    }

    /** The request gets a buffer as soon as its turn comes. */
    void await(TcpRequest request) {
        request.nextWaiting = null;
        if (lastWaiting == null) {
            firstWaiting = request;
        } else {
            lastWaiting.nextWaiting = request;
        }
        lastWaiting = request;
    }

    /** The request does not wait any more. */
    void cancel(TcpRequest request) {
        TcpRequest before = null;
        for (TcpRequest at = firstWaiting; at != null; at = at.nextWaiting) {
            if (at == request) {
                leave(at, before);
                return;
            }
            before = at;
        }
    }

    private void leave(TcpRequest request, TcpRequest before) {
        if (before == null) {
            firstWaiting = request.nextWaiting;
        } else {
            before.nextWaiting = request.nextWaiting;
        }
        if (lastWaiting == request) {
            lastWaiting = before;
        }
        request.nextWaiting = null;
    }

    /** Whether all buffers are here and nobody waits. */
    boolean isWhole() {
        return smallCount == SMALL_COUNT && largeCount == LARGE_COUNT && firstWaiting == null;
    }

    void close() {
        assert isWhole() : "closed while buffers are out";
        memory.free(small);
        memory.free(large);
    }
}
