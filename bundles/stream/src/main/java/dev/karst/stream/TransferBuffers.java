package dev.karst.stream;

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
public final class TransferBuffers {
    private static final int PAGE_BYTES = 4096;

    private final Memory memory;
    private final Region small;
    private final Region large;
    private final int smallBytes;
    private final long[] freeSmall;
    private final long[] freeLarge;
    private int smallCount;
    private int largeCount;
    private final BufferLine forSmall = new BufferLine();
    private final BufferLine forLarge = new BufferLine();

    /**
     * How many there are of which size.
     *
     * @param owner what the memory is for
     * @param largeBytes most bytes of a transfer
     */
    public record Sizes(String owner, int smallCount, int smallBytes, int largeCount, int largeBytes) {
        public Sizes {
            largeBytes = Math.max(smallBytes, largeBytes + PAGE_BYTES - 1 & -PAGE_BYTES);
        }
    }

    public TransferBuffers(Memory memory, Sizes sizes) throws StorageException {
        this.memory = memory;
        smallBytes = sizes.smallBytes;
        small = memory.allocate(sizes.owner + " small buffers", (long) smallBytes * sizes.smallCount);
        large = allocateOrFree(memory, sizes, small);
        freeSmall = new long[sizes.smallCount];
        freeLarge = new long[sizes.largeCount];
        while (smallCount < freeSmall.length) {
            freeSmall[smallCount] = small.address() + (long) smallBytes * smallCount++;
        }
        while (largeCount < freeLarge.length) {
            freeLarge[largeCount] = large.address() + (long) sizes.largeBytes * largeCount++;
        }
    }

    private static Region allocateOrFree(Memory memory, Sizes sizes, Region before) throws StorageException {
        try {
            return memory.allocate(sizes.owner + " large buffers", (long) sizes.largeBytes * sizes.largeCount);
        } catch (StorageException e) {
            memory.free(before);
            throw e;
        }
    }

    private boolean isSmall(int bytes) {
        return bytes <= smallBytes;
    }

    /** A buffer of at least {@code bytes} bytes, or 0 when the connection has to wait for one. */
    public long take(BufferShare share, int bytes) {
        return share.firstWaiting == null ? takeNow(share, bytes) : 0;
    }

    private long takeNow(BufferShare share, int bytes) {
        boolean fromSmall = bytes <= smallBytes && smallCount > 0;
        boolean mayTake = fromSmall ? share.small < smallCount : share.large < largeCount;
        return mayTake ? takeAgain(share, bytes) : 0;
    }

    /** A buffer for what had one before it was handed over, whatever else the connection holds; 0 when there is none. */
    public long takeAgain(BufferShare share, int bytes) {
        if (bytes <= smallBytes && smallCount > 0) {
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
    public boolean has(int bytes) {
        return largeCount > 0 || bytes <= smallBytes && smallCount > 0;
    }

    /** Takes a buffer back, and gives what there is to those that wait, in turn. */
    public void give(BufferShare share, long buffer) {
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
        while (share != null && has(share.firstWaiting.bytes)) {
            long given = takeNow(share, share.firstWaiting.bytes);
            if (given == 0) {
                share = share.next;
            } else {
                BufferWait wait = share.removeFirst();
                requeue(share);
                wait.granted(given);
                share = line.first;
            }
        }
    }

    private void requeue(BufferShare share) {
        if (share.line != null) {
            share.line.remove(share);
        }
        if (share.firstWaiting != null) {
            (isSmall(share.firstWaiting.bytes) ? forSmall : forLarge).add(share);
        }
    }

    /** The request gets a buffer as soon as its turn comes. */
    public void await(BufferShare share, BufferWait wait) {
        share.append(wait);
        if (share.line == null) {
            requeue(share);
        }
    }

    /** The request does not wait any more. */
    public void cancel(BufferShare share, BufferWait wait) {
        share.remove(wait);
        requeue(share);
    }

    /** No request of the connection waits any more. */
    public void cancel(BufferShare share) {
        share.firstWaiting = null;
        requeue(share);
    }

    public int smallInUse() {
        return freeSmall.length - smallCount;
    }

    public int largeInUse() {
        return freeLarge.length - largeCount;
    }

    /** Whether all buffers are here and nobody waits. */
    public boolean isWhole() {
        return smallInUse() == 0 && largeInUse() == 0 && forSmall.first == null && forLarge.first == null;
    }

    public void close() {
        assert isWhole() : "closed while buffers are out";
        memory.free(small);
        memory.free(large);
    }
}
