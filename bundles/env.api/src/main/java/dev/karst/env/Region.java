package dev.karst.env;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A piece of memory from {@link Memory}. It is given back when it has been freed and nobody {@linkplain #hold holds} it any more.
 */
public final class Region {
    private final String name;
    private final long address;
    private final long bytes;
    private final boolean huge;
    private final Consumer<Region> whenUnused;
    /** Whoever allocated it, and those that hold it. */
    private final AtomicInteger users = new AtomicInteger(1);

    /**
     * A region of a memory.
     *
     * @param name its name, or for a nameless region its owner
     * @param huge whether it lies in huge pages
     * @param whenUnused told when the last who held it lets go, after it was freed; on that thread
     */
    public Region(String name, long address, long bytes, boolean huge, Consumer<Region> whenUnused) {
        this.name = name;
        this.address = address;
        this.bytes = bytes;
        this.huge = huge;
        this.whenUnused = whenUnused;
    }

    /** Its name, or for a nameless region its owner. */
    public String name() {
        return name;
    }

    /** Address of the first byte. */
    public long address() {
        return address;
    }

    /** Its length. */
    public long bytes() {
        return bytes;
    }

    /** Whether it lies in huge pages. */
    public boolean huge() {
        return huge;
    }

    /** Address of the first byte behind it. */
    public long end() {
        return address + bytes;
    }

    /** It stays as it is until {@link #release}, also if it is freed meanwhile. For who knows that it has not been freed yet; any thread. */
    public void hold() {
        users.incrementAndGet();
    }

    /** Ends a {@link #hold}. Any thread. */
    public void release() {
        if (letGo()) {
            whenUnused.accept(this);
        }
    }

    /** For the memory, when it is freed: whether nobody holds it, so that it can be taken back at once. */
    public boolean letGo() {
        int left = users.decrementAndGet();
        assert left >= 0 : "released more often than held: " + this;
        return left == 0;
    }

    @Override
    public String toString() {
        return name + " of " + bytes + " bytes at 0x" + Long.toHexString(address);
    }
}
