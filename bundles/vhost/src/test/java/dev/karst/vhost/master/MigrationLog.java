package dev.karst.vhost.master;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.Region;
import dev.karst.env.unix.Descriptor;
import dev.karst.spec.vhostuser.Request;
import dev.karst.spec.virtio.Feature;
import dev.karst.vhost.ring.Ring;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a front-end does that migrates its guest: it knows which pages are written, by the device from the log that it shares and by the
 * driver, and copies those, again and again.
 */
public final class MigrationLog implements AutoCloseable {
    private static final int PAGE_SHIFT = 12;
    private static final long PAGE_BYTES = 1 << PAGE_SHIFT;
    /** A bit for each page up to the end of the guest's second part, and more. */
    private static final long LOG_BYTES = 1 << 18;
    private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();

    private final Guest guest;
    private final Environment environment;
    private final Descriptor log;
    private final long address;
    private final MemorySegment words;
    private final Region copy;
    private final Set<Long> driver = ConcurrentHashMap.newKeySet();

    /** Nothing is noted yet. */
    public MigrationLog(Master master) throws StorageException {
        guest = master.guest;
        environment = master.environment();
        log = environment.unixSockets().createMemory("log", LOG_BYTES);
        address = log.map(0, LOG_BYTES);
        words = MemorySegment.ofAddress(address).reinterpret(LOG_BYTES);
        copy = environment.memory().allocate("copy of the guest", 2 * Guest.PART_BYTES);
    }

    /** Has the device note what it writes, as QEMU does: first the log, then the feature, then the rings, which run. Copies all pages. */
    public void begin(Master master, List<GuestRing> rings) throws StorageException {
        master.ask(Request.SET_LOG_BASE, new Payload().u64(LOG_BYTES).u64(0).bytes(), log.number());
        master.must(Request.SET_FEATURES, new Payload().u64(master.features | Feature.LOG_ALL));
        for (GuestRing ring : rings) {
            master.must(Request.SET_VRING_ADDR, new Payload().u32(ring.index).u32(1).u64(guest.user(ring.descriptors))
                .u64(guest.user(ring.device)).u64(guest.user(ring.driver)).u64(ring.device));
        }
        noted();
        for (Guest.Part part : guest.parts) {
            Mem.copy(guest.at(part.guest()), copyOf(part.guest()), part.bytes());
        }
    }

    /** The driver has written these bytes. Any thread. */
    public void written(long at, long bytes) {
        for (long page = at >> PAGE_SHIFT; page <= at + bytes - 1 >> PAGE_SHIFT; page++) {
            driver.add(page);
        }
    }

    /** The driver has made a chain available. Any thread. */
    public void written(GuestRing ring) {
        written(ring.descriptors, Ring.descriptorBytes(ring.size));
        written(ring.driver, Ring.driverBytes(ring.size, Feature.RING_EVENT_IDX));
    }

    /** Copies what was written since the last time. */
    public void copyWritten() {
        noted().forEach(this::copyPage);
        for (Long page : driver) {
            driver.remove(page);
            copyPage(page);
        }
    }

    /** Numbers of the pages that the device has noted since the last time. */
    public Set<Long> noted() {
        Set<Long> pages = new TreeSet<>();
        for (long at = 0; at < LOG_BYTES; at += Long.BYTES) {
            long bits = words.get(ValueLayout.JAVA_LONG, at) == 0 ? 0 : (long) WORD.getAndSet(words, at, 0L);
            for (int bit = 0; bits >>> bit != 0 && bit < Long.SIZE; bit++) {
                if ((bits >>> bit & 1) != 0) {
                    pages.add(at * Byte.SIZE + bit);
                }
            }
        }
        return pages;
    }

    /** Numbers of the pages that are not as their copies are. */
    public Set<Long> different() {
        Set<Long> pages = new TreeSet<>();
        for (Guest.Part part : guest.parts) {
            for (long at = part.guest(); at < part.guest() + part.bytes(); at += PAGE_BYTES) {
                if (!Mem.equal(guest.at(at), copyOf(at), PAGE_BYTES)) {
                    pages.add(at >> PAGE_SHIFT);
                }
            }
        }
        return pages;
    }

    private long copyOf(long at) {
        return copy.address() + (at >= Guest.SECOND ? Guest.PART_BYTES + at - Guest.SECOND : at);
    }

    private void copyPage(long page) {
        long at = page << PAGE_SHIFT;
        Mem.copy(guest.at(at), copyOf(at), PAGE_BYTES);
    }

    @Override
    public void close() {
        environment.memory().free(copy);
        environment.unixSockets().unmap(address, LOG_BYTES);
        log.close();
    }
}
