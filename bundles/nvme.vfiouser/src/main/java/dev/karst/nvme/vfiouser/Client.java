package dev.karst.nvme.vfiouser;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.MemoryBlocks;
import dev.karst.env.unix.Descriptor;
import dev.karst.spec.vfiouser.DeviceInfo;
import dev.karst.spec.vfiouser.DmaMapCommand;
import dev.karst.spec.vfiouser.DmaUnmapCommand;
import dev.karst.spec.vfiouser.Header;
import dev.karst.spec.vfiouser.IrqInfo;
import dev.karst.spec.vfiouser.IrqSet;
import dev.karst.spec.vfiouser.RegionAccess;
import dev.karst.spec.vfiouser.RegionInfo;
import dev.karst.spec.vfiouser.Version;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The protocol's commands. Each method waits for the reply, and throws what {@link Connection#call} does. */
final class Client {
    /** A reset may take longer than other commands by so much. */
    private static final int RESET_FACTOR = 6;
    private static final byte[] CAPABILITIES =
        "{\"capabilities\":{\"max_msg_fds\":64,\"max_data_xfer_size\":4096}}\0".getBytes(StandardCharsets.US_ASCII);
    /** More interrupts than MSI-X has vectors nobody means. PCI Local Bus 3.0, 6.8.2.3 */
    private static final long MOST_VECTORS = 2048;

    private final Connection connection;
    private final long timeoutMs;

    Client(Connection connection, long timeoutMs) {
        this.connection = connection;
        this.timeoutMs = timeoutMs;
    }

    /** Agrees on version 0.0. */
    void version() throws StorageException {
        synchronized (connection) {
            long version = start(Version.BYTES + CAPABILITIES.length);
            Mem.put(version + Version.BYTES, CAPABILITIES, 0, CAPABILITIES.length);
            int bytes = connection.call(Header.VERSION, Version.BYTES + CAPABILITIES.length, timeoutMs);
            if (bytes < Version.BYTES || Version.MAJOR.get(version) != 0 || Version.MINOR.get(version) != 0) {
                throw broken("it answers version 0.0 with another");
            }
        }
    }

    /**
     * Asks what the device is.
     *
     * @return whether it can be reset
     */
    boolean isResettable() throws StorageException {
        synchronized (connection) {
            long info = start(DeviceInfo.BYTES);
            DeviceInfo.ARGSZ.set(info, DeviceInfo.BYTES);
            int bytes = connection.call(Header.DEVICE_GET_INFO, DeviceInfo.BYTES, timeoutMs);
            if (bytes < DeviceInfo.BYTES || DeviceInfo.PCI.get(info) == 0
                || DeviceInfo.NUM_REGIONS.get(info) <= RegionInfo.INDEX_CONFIG
                || DeviceInfo.NUM_IRQS.get(info) <= IrqInfo.INDEX_MSIX) {
                throw broken("it serves no PCI device");
            }
            return DeviceInfo.RESET.get(info) != 0;
        }
    }

    /** Asks what a region is like. */
    Bar region(int index) throws StorageException {
        List<Descriptor> received = new ArrayList<>();
        try {
            synchronized (connection) {
                long info = start(RegionInfo.BYTES);
                RegionInfo.ARGSZ.set(info, Connection.PAYLOAD_BYTES);
                RegionInfo.INDEX.set(info, index);
                int bytes =
                    connection.call(Header.DEVICE_GET_REGION_INFO, RegionInfo.BYTES, new int[0], received, timeoutMs);
                String wrong = RegionReply.check(info, bytes, index);
                if (wrong != null) {
                    throw broken("of region " + index + " it says " + wrong);
                }
                Descriptor descriptor = RegionInfo.MMAP.get(info) == 0 || received.isEmpty() ? null : received.removeFirst();
                return new Bar(
                    RegionInfo.SIZE.get(info), descriptor == null ? List.of() : RegionReply.areas(info, bytes), descriptor);
            }
        } finally {
            received.forEach(Descriptor::close);
        }
    }

    /** Asks how many MSI-X vectors there are that an eventfd can stand for. */
    int vectors() throws StorageException {
        synchronized (connection) {
            long info = start(IrqInfo.BYTES);
            IrqInfo.ARGSZ.set(info, IrqInfo.BYTES);
            IrqInfo.INDEX.set(info, IrqInfo.INDEX_MSIX);
            int bytes = connection.call(Header.DEVICE_GET_IRQ_INFO, IrqInfo.BYTES, timeoutMs);
            if (bytes < IrqInfo.BYTES || IrqInfo.INDEX.get(info) != IrqInfo.INDEX_MSIX || IrqInfo.COUNT.get(info) > MOST_VECTORS) {
                throw broken("it cannot say how many interrupts there are");
            }
            return IrqInfo.EVENTFD.get(info) == 0 ? 0 : (int) IrqInfo.COUNT.get(info);
        }
    }

    /** Has an MSI-X vector raise this eventfd. */
    void setVector(int vector, int descriptor) throws StorageException {
        synchronized (connection) {
            long set = irqSet();
            IrqSet.DATA_EVENTFD.set(set, 1);
            IrqSet.START.set(set, vector);
            IrqSet.COUNT.set(set, 1);
            connection.call(Header.DEVICE_SET_IRQS, IrqSet.BYTES, new int[] {descriptor}, timeoutMs);
        }
    }

    /** Has no MSI-X vector raise anything. */
    void clearVectors() throws StorageException {
        synchronized (connection) {
            long set = irqSet();
            IrqSet.DATA_NONE.set(set, 1);
            connection.call(Header.DEVICE_SET_IRQS, IrqSet.BYTES, timeoutMs);
        }
    }

    private long irqSet() {
        long set = start(IrqSet.BYTES);
        IrqSet.ARGSZ.set(set, IrqSet.BYTES);
        IrqSet.ACTION_TRIGGER.set(set, 1);
        IrqSet.INDEX.set(set, IrqInfo.INDEX_MSIX);
        return set;
    }

    /** Shows the device a block of memory, at the address that it has here. */
    void map(MemoryBlocks.Block block) throws StorageException {
        synchronized (connection) {
            long map = start(DmaMapCommand.BYTES);
            DmaMapCommand.ARGSZ.set(map, DmaMapCommand.BYTES);
            DmaMapCommand.READABLE.set(map, 1);
            DmaMapCommand.WRITABLE.set(map, 1);
            DmaMapCommand.ADDRESS.set(map, block.address());
            DmaMapCommand.SIZE.set(map, block.bytes());
            connection.call(Header.DMA_MAP, DmaMapCommand.BYTES, new int[] {block.descriptor()}, timeoutMs);
        }
    }

    /** Takes a block of memory out of the device's sight. */
    void unmap(MemoryBlocks.Block block) throws StorageException {
        synchronized (connection) {
            long unmap = start(DmaUnmapCommand.BYTES);
            DmaUnmapCommand.ARGSZ.set(unmap, DmaUnmapCommand.BYTES);
            DmaUnmapCommand.ADDRESS.set(unmap, block.address());
            DmaUnmapCommand.SIZE.set(unmap, block.bytes());
            connection.call(Header.DMA_UNMAP, DmaUnmapCommand.BYTES, timeoutMs);
        }
    }

    /** Reads 1, 2, 4 or 8 bytes of a region. */
    long read(int region, long offset, int bytes) throws StorageException {
        synchronized (connection) {
            long access = access(region, offset, bytes);
            int replied = connection.call(Header.REGION_READ, RegionAccess.BYTES, timeoutMs);
            if (replied < RegionAccess.BYTES + bytes || RegionAccess.COUNT.get(access) != bytes) {
                throw broken("it answers a read of " + bytes + " bytes with less");
            }
            long data = access + RegionAccess.BYTES;
            return switch (bytes) {
                case 1 -> Mem.getU8(data);
                case 2 -> Mem.getU16(data);
                case 4 -> Mem.getU32(data);
                default -> Mem.getLong(data);
            };
        }
    }

    /** Writes 1, 2, 4 or 8 bytes of a region. */
    void write(int region, long offset, int bytes, long value) throws StorageException {
        synchronized (connection) {
            long access = access(region, offset, bytes);
            Mem.setLong(access + RegionAccess.BYTES, value);
            int replied = connection.call(Header.REGION_WRITE, RegionAccess.BYTES + bytes, timeoutMs);
            if (replied < RegionAccess.BYTES || RegionAccess.COUNT.get(access) != bytes) {
                throw broken("it did not take a write of " + bytes + " bytes whole");
            }
        }
    }

    private long access(int region, long offset, int bytes) {
        long access = start(RegionAccess.BYTES);
        RegionAccess.OFFSET.set(access, offset);
        RegionAccess.REGION.set(access, region);
        RegionAccess.COUNT.set(access, bytes);
        return access;
    }

    /** Resets the device. */
    void reset() throws StorageException {
        connection.call(Header.DEVICE_RESET, 0, RESET_FACTOR * timeoutMs);
    }

    private long start(int bytes) {
        Mem.fill(connection.payload(), bytes, (byte) 0);
        return connection.payload();
    }

    private StorageException broken(String what) {
        StorageException broken = connection.broken(what);
        connection.end(broken.getMessage());
        return broken;
    }
}
