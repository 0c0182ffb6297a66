package dev.karst.env.linux.memory;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Memory;
import dev.karst.env.MemoryBlocks;
import dev.karst.env.Region;
import dev.karst.env.linux.kernel.Failure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The memory of the process that data may lie in. Any control thread. */
public final class LinuxMemory implements Memory {
    private record Held(Region region, Block block) {}

    private final BlockPool pool;
    private final TreeMap<Long, Held> held = new TreeMap<>();
    private final Map<String, Region> named = new HashMap<>();

    /** Memory of this process alone, {@code capBytes} at most; 0 stands for the {@linkplain MemoryCap standard cap}. */
    public LinuxMemory(long capBytes) {
        this(capBytes, false);
    }

    /** The same, or memory that others can be given to map too: its blocks have descriptors. */
    public LinuxMemory(long capBytes, boolean shared) {
        pool = new BlockPool(MemoryCap.of(capBytes), shared);
    }

    /** Changes the cap; what is mapped already stays. */
    public synchronized void setCap(long capBytes) {
        pool.setCap(MemoryCap.of(capBytes));
    }

    @Override
    public synchronized Region allocate(String owner, long bytes) throws StorageException {
        if (bytes <= 0) {
            throw Failure.refused(Errno.EINVAL, "allocate " + bytes + " bytes for " + owner,
                "ask for one byte at least");
        }
        Block block = bytes > pool.capBytes() ? null : pool.take(bytes);
        if (block == null) {
            throw exhausted(owner, bytes);
        }
        var region = new Region(owner, block.address(), bytes, block.huge(), unused -> takeBackLater(unused, block));
        Mem.register(region.address(), bytes);
        if (!block.fresh()) {
            Mem.fill(region.address(), bytes, (byte) 0);
        }
        held.put(region.address(), new Held(region, block));
        return region;
    }

    @Override
    public synchronized void free(Region region) {
        Held entry = held.get(region.address());
        if (entry == null || entry.region != region) {
            throw new IllegalArgumentException("no region to free: " + region);
        }
        held.remove(region.address());
        named.remove(region.name(), region);
        if (region.letGo()) {
            takeBack(region, entry.block);
        }
    }

    private void takeBack(Region region, Block block) {
        Mem.unregister(region.address());
        pool.give(block.used());
    }

    /** The last who held it lets it go, on a reactor, which must not wait for others that use the memory. */
    private void takeBackLater(Region region, Block block) {
        Thread.startVirtualThread(() -> {
            synchronized (this) {
                takeBack(region, block);
            }
        });
    }

    @Override
    public synchronized Region named(String name, long bytes) throws StorageException {
        Region region = named.get(name);
        if (region == null) {
            region = allocate(name, bytes);
            named.put(name, region);
        } else if (region.bytes() != bytes) {
            throw Failure.refused(Errno.EEXIST, "make region " + name + " of " + bytes + " bytes",
                "it is there with " + region.bytes() + " bytes; free it first or ask for that length");
        }
        return region;
    }

    /** Listeners are told while no memory can be allocated or freed; they must not do so themselves. */
    @Override
    public synchronized void watch(MemoryBlocks listener) throws StorageException {
        pool.watch(listener);
    }

    @Override
    public synchronized void unwatch(MemoryBlocks listener) {
        pool.unwatch(listener);
    }

    @Override
    public synchronized List<Region> regions() {
        var regions = new ArrayList<Region>(held.size());
        held.values().forEach(entry -> regions.add(entry.region));
        return regions;
    }

    /** Gives the memory that nobody has back to the system. Addresses stay valid. */
    public synchronized void close() {
        pool.discard();
    }

    private StorageException exhausted(String owner, long bytes) {
        boolean capped = BlockPool.sizeFor(bytes) > pool.capBytes() - pool.mappedBytes();
        long used = pool.mappedBytes() - pool.freeBytes();
        String text = String.format(
            "cannot allocate %s for %s: %s of the cap of %s is used, %s more is kept in other sizes; %s",
            MemoryCap.text(bytes), owner, MemoryCap.text(used), MemoryCap.text(pool.capBytes()),
            MemoryCap.text(pool.freeBytes()),
            capped ? "free some, or raise memory.cap.mib in etc/dev.karst.env.cfg" : "the system itself has no more");
        return StorageException.errno(Errno.ENOMEM, text);
    }
}
