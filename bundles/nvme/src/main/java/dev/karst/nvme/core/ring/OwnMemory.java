package dev.karst.nvme.core.ring;

import dev.karst.base.StorageException;
import dev.karst.env.DmaMap;
import dev.karst.env.PciDevice;
import dev.karst.nvme.ControllerMemory;
import dev.karst.nvme.core.link.Waits;
import dev.karst.spec.nvme.Property;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.BitSet;
import java.util.Optional;

/**
 * The memory of a controller's own: its buffer (CMB), of which the first half is for submission queues and the rest for data, and its
 * persistent region (PMR). The controller knows both by the addresses that they have on the bus. NVMe Base 2.1, 8.2.1 and 8.2.4.
 */
final class OwnMemory extends DmaMap {
    private static final Logger LOG = System.getLogger(OwnMemory.class.getName());

    private static final int PAGE = 4096;
    private static final int BARS = 0x10;
    private static final int TYPE_64 = 4;
    private static final int TYPE_MASK = 6;
    private static final int FLAGS = 0xf;
    private static final int MOST_BAR = 5;
    private static final int CAPABILITIES_ENABLE = 1;
    private static final int SPACE_ENABLE = 2;
    private static final int UNIT_SHIFT = 8;
    private static final int UNIT_BITS = 4;
    private static final int COUNT_SHIFT = 12;
    private static final int SHOWN_MS = 100;

    /** A region. */
    private record Place(long address, long bytes, long bus) {
        /** Nobody has looked yet. */
        private static final Place UNSEEN = new Place(0, 0, 0);
        /** There is none that can be used. */
        private static final Place NONE = new Place(0, 0, 0);

        boolean holds(long address) {
            return address >= this.address && address < this.address + bytes;
        }
    }

    private final PciDevice device;
    private final Waits waits;
    private final DmaMap system;
    private final boolean hasBuffer;
    private final boolean hasPersistent;
    private final BitSet queuePages = new BitSet();
    private Place buffer = Place.UNSEEN;
    private Place persistent = Place.UNSEEN;
    private int uses;
    private int persistentUses;

    OwnMemory(PciDevice device, Waits waits, long cap) {
        this.device = device;
        this.waits = waits;
        system = device.dma();
        hasBuffer = Property.has(cap, Property.CAP_CMBS);
        hasPersistent = Property.has(cap, Property.CAP_PMRS);
    }

    /** Makes the controller know it, which a reset makes it forget. Control threads; the controller is disabled. */
    void enable() throws StorageException {
        if (hasBuffer) {
            enableBuffer();
        }
        if (hasPersistent) {
            enablePersistent();
        }
    }

    private void enableBuffer() throws StorageException {
        device.write(0, Property.CMBMSC, Long.BYTES, buffer.bus | CAPABILITIES_ENABLE);
        if (buffer == Place.UNSEEN) {
            waits.until(() -> device.read(0, Property.CMBSZ, 4) != 0, SHOWN_MS, "the controller memory buffer");
            int size = (int) device.read(0, Property.CMBSZ, 4);
            int location = (int) device.read(0, Property.CMBLOC, 4);
            long unit = PAGE * (1L << UNIT_BITS * (size >>> UNIT_SHIFT & FLAGS));
            uses = size;
            buffer = place(location & 7, unit * (location >>> COUNT_SHIFT), unit * (size >>> COUNT_SHIFT));
        }
        if (buffer.bytes > 0) {
            device.write(0, Property.CMBMSC, Long.BYTES, buffer.bus | SPACE_ENABLE | CAPABILITIES_ENABLE);
        }
    }

    private void enablePersistent() throws StorageException {
        int capabilities = (int) device.read(0, Property.PMRCAP, 4);
        if (persistent == Place.UNSEEN) {
            int bar = capabilities >>> 5 & 7;
            persistent = place(bar, 0, bar > MOST_BAR ? 0 : device.barBytes(bar));
            persistentUses = capabilities;
        }
        if (persistent.bytes > 0) {
            device.write(0, Property.PMRMSC, 4, persistent.bus & 0xffff_f000L | SPACE_ENABLE);
            device.write(0, Property.PMRMSC + 4, 4, persistent.bus >>> Integer.SIZE);
            device.write(0, Property.PMRCTL, 4, 1);
            int timeoutMs = Math.max(SHOWN_MS, (capabilities >>> 16 & 0xff) * ((capabilities >>> 8 & 3) == 0 ? 500 : 60_000));
            waits.until(
                () -> (device.read(0, Property.PMRSTS, 4) & Property.PMRSTS_NRDY) == 0, timeoutMs, "enabling the persistent memory region");
        }
    }

    /** What the device says of a region, cut to what is there; a region of no bytes when it cannot be mapped or has no address. */
    private Place place(int bar, long offset, long bytes) throws StorageException {
        long there = bar > MOST_BAR ? 0 : Math.min(bytes, device.barBytes(bar) - offset) & -PAGE;
        long bus = there <= 0 ? 0 : busAddress(bar);
        long address = bus == 0 ? 0 : device.map(bar, offset, there);
        if (address == 0) {
            LOG.log(Level.INFO, "{0}: its own memory, in BAR {1}, cannot be used", device.address(), bar);
            return Place.NONE;
        }
        return new Place(address, there, bus + offset);
    }

    private long busAddress(int bar) {
        long low = device.readConfig(BARS + 4 * bar, 4);
        long high = (low & TYPE_MASK) == TYPE_64 && bar < MOST_BAR ? device.readConfig(BARS + 4 * bar + 4, 4) : 0;
        return high << Integer.SIZE | low & ~FLAGS & 0xffff_ffffL;
    }

    /** A place for a submission queue, from a page's start; 0 when there is none. Control threads. */
    synchronized long take(long bytes) {
        int pages = (int) (bytes / PAGE);
        int most = (uses & Property.CMBSZ_SQS) == 0 ? 0 : (int) (buffer.bytes / 2 / PAGE);
        int from = queuePages.nextClearBit(0);
        while (from + pages <= most) {
            int taken = queuePages.nextSetBit(from);
            if (taken < 0 || taken >= from + pages) {
                queuePages.set(from, from + pages);
                return buffer.address + (long) from * PAGE;
            }
            from = queuePages.nextClearBit(taken);
        }
        return 0;
    }

    /** Gives back what was taken. Control threads. */
    synchronized void giveBack(long address, long bytes) {
        int from = (int) ((address - buffer.address) / PAGE);
        queuePages.clear(from, from + (int) (bytes / PAGE));
    }

    /** What of its buffer is for data. */
    Optional<ControllerMemory> buffer() {
        boolean data = (uses & Property.CMBSZ_RDS) != 0 && (uses & Property.CMBSZ_WDS) != 0;
        long queues = (uses & Property.CMBSZ_SQS) == 0 ? 0 : buffer.bytes / 2 & -PAGE;
        return data && buffer.bytes > queues
            ? Optional.of(new ControllerMemory(buffer.address + queues, buffer.bytes - queues)) : Optional.empty();
    }

    /** Its persistent region. */
    Optional<ControllerMemory> persistent() {
        boolean data = (persistentUses & Property.PMRCAP_RDS) != 0 && (persistentUses & Property.PMRCAP_WDS) != 0;
        return data && persistent.bytes > 0
            ? Optional.of(new ControllerMemory(persistent.address, persistent.bytes)) : Optional.empty();
    }

    @Override
    public long iova(long address) {
        if (buffer.holds(address)) {
            return buffer.bus + address - buffer.address;
        }
        return persistent.holds(address) ? persistent.bus + address - persistent.address : system.iova(address);
    }

    @Override
    public long contiguous(long address, long most) {
        if (buffer.holds(address)) {
            return Math.min(most, buffer.address + buffer.bytes - address);
        }
        return persistent.holds(address) ? Math.min(most, persistent.address + persistent.bytes - address) : system.contiguous(address, most);
    }
}
