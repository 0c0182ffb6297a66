package dev.karst.nvme.vfiouser;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.MemoryBlocks;
import dev.karst.env.Region;
import dev.karst.env.unix.Descriptor;
import dev.karst.env.unix.Signal;
import dev.karst.env.unix.UnixServer;
import dev.karst.env.unix.UnixSocket;
import dev.karst.spec.vfiouser.Capability;
import dev.karst.spec.vfiouser.DeviceInfo;
import dev.karst.spec.vfiouser.DmaMapCommand;
import dev.karst.spec.vfiouser.DmaUnmapCommand;
import dev.karst.spec.vfiouser.Header;
import dev.karst.spec.vfiouser.IrqInfo;
import dev.karst.spec.vfiouser.IrqSet;
import dev.karst.spec.vfiouser.RegionAccess;
import dev.karst.spec.vfiouser.RegionInfo;
import dev.karst.spec.vfiouser.SparseArea;
import dev.karst.spec.vfiouser.SparseMmap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A vfio-user server with a device of two regions: BAR0 of 8 KiB, whose second half can be mapped, and a configuration space. It does
 * what it is asked, or what a {@link Lie} makes of that.
 */
final class PlayedServer implements AutoCloseable {
    static final int PAGE = 4096;
    static final int VECTORS = 4;
    /** Offset of the MSI-X capability in the configuration space, behind another. */
    static final int MSIX = 0x50;

    private static final long TIMEOUT_MS = 20_000;
    private static final int BUFFER_BYTES = 8192;

    /** Changes a reply before it is sent: header and payload lie in the buffer. */
    interface Lie {
        /**
         * @param command what was asked
         * @param buffer the reply's header, the payload behind it
         * @param length so many bytes are sent, whatever the header says
         * @return false to send nothing and end
         */
        boolean tell(int command, long buffer, int length) throws StorageException;
    }

    final Region registers;
    final Region doorbells;
    final Region configuration;
    final Map<Integer, Signal> signals = new ConcurrentHashMap<>();
    final Map<Long, Descriptor> maps = new ConcurrentHashMap<>();
    volatile int resets;
    volatile int mapErrno;
    volatile UnixSocket socket;

    private final Environment environment;
    private final UnixServer server;
    private final Region memory;
    private final long buffer;
    private final long payload;
    private final Lie lie;
    private final List<MemoryBlocks.Block> blocks = new ArrayList<>();
    private final Thread thread;
    private int[] passed = {};

    PlayedServer(Environment environment, Path path, Lie lie) throws StorageException {
        this.environment = environment;
        this.lie = lie;
        registers = environment.memory().allocate("registers", PAGE);
        doorbells = environment.memory().allocate("doorbells", PAGE);
        configuration = environment.memory().allocate("configuration", PAGE);
        memory = environment.memory().allocate("server", BUFFER_BYTES);
        Mem.setByte(configuration.address() + 0x34, (byte) 0x40);
        Mem.setInt(configuration.address() + 0x40, 0x5001);
        Mem.setInt(configuration.address() + MSIX, 0x11);
        environment.memory().watch(blocks::add);
        buffer = memory.address();
        payload = buffer + Header.BYTES;
        server = environment.unixSockets().listen(path);
        thread = Thread.ofPlatform().start(this::serve);
    }

    private void serve() {
        List<Descriptor> received = new ArrayList<>();
        try {
            socket = server.accept(TIMEOUT_MS);
            do {
                socket.receive(buffer, Header.BYTES, received, TIMEOUT_MS);
                socket.receive(payload, (int) Header.SIZE.get(buffer) - Header.BYTES, received, TIMEOUT_MS);
            } while (Header.TYPE.get(buffer) == Header.TYPE_COMMAND && answer(received));
        } catch (StorageException e) {
            // The client has gone, which most tests end with.
        } finally {
            received.forEach(Descriptor::close);
            hangUp();
        }
    }

    private boolean answer(List<Descriptor> received) throws StorageException {
        int command = Header.COMMAND.get(buffer);
        passed = new int[0];
        int bytes = play(command, received);
        Header.TYPE.set(buffer, Header.TYPE_REPLY);
        Header.SIZE.set(buffer, Header.BYTES + Math.max(bytes, 0));
        if (bytes < 0) {
            Header.ERROR.set(buffer, 1);
            Header.ERRNO.set(buffer, -bytes);
        }
        int length = (int) Header.SIZE.get(buffer);
        boolean goOn = lie.tell(command, buffer, length);
        if (goOn) {
            socket.send(buffer, length, passed, TIMEOUT_MS);
        }
        return goOn;
    }

    /** Bytes of the reply's payload, or a negative error number. */
    private int play(int command, List<Descriptor> received) throws StorageException {
        return switch (command) {
            case Header.VERSION -> 4;
            case Header.DEVICE_GET_INFO -> {
                DeviceInfo.RESET.set(payload, 1);
                DeviceInfo.PCI.set(payload, 1);
                DeviceInfo.NUM_REGIONS.set(payload, 9);
                DeviceInfo.NUM_IRQS.set(payload, 5);
                yield DeviceInfo.BYTES;
            }
            case Header.DEVICE_GET_REGION_INFO -> region((int) RegionInfo.INDEX.get(payload));
            case Header.DEVICE_GET_IRQ_INFO -> {
                IrqInfo.EVENTFD.set(payload, 1);
                IrqInfo.COUNT.set(payload, VECTORS);
                yield IrqInfo.BYTES;
            }
            case Header.DEVICE_SET_IRQS -> irqs(received);
            case Header.DMA_MAP -> {
                if (mapErrno != 0) {
                    yield -mapErrno;
                }
                maps.put(DmaMapCommand.ADDRESS.get(payload), received.removeFirst());
                yield 0;
            }
            case Header.DMA_UNMAP -> {
                maps.remove(DmaUnmapCommand.ADDRESS.get(payload)).close();
                yield DmaUnmapCommand.BYTES;
            }
            case Header.REGION_READ, Header.REGION_WRITE -> access(command == Header.REGION_READ);
            case Header.DEVICE_RESET -> {
                resets++;
                yield 0;
            }
            default -> -Errno.EOPNOTSUPP;
        };
    }

    private int region(int index) {
        Mem.fill(payload, BUFFER_BYTES - Header.BYTES, (byte) 0);
        RegionInfo.INDEX.set(payload, index);
        RegionInfo.ARGSZ.set(payload, RegionInfo.BYTES);
        if (index == RegionInfo.INDEX_CONFIG) {
            RegionInfo.SIZE.set(payload, PAGE);
        }
        if (index != 0) {
            return RegionInfo.BYTES;
        }
        MemoryBlocks.Block block = blocks.stream()
            .filter(each -> each.address() <= doorbells.address() && doorbells.end() <= each.address() + each.bytes())
            .findFirst().orElseThrow();
        passed = new int[] {block.descriptor()};
        RegionInfo.SIZE.set(payload, 2 * PAGE);
        RegionInfo.OFFSET.set(payload, doorbells.address() - block.address() - PAGE);
        RegionInfo.MMAP.set(payload, 1);
        RegionInfo.CAPS.set(payload, 1);
        RegionInfo.CAP_OFFSET.set(payload, RegionInfo.BYTES);
        long sparse = payload + RegionInfo.BYTES;
        Capability.ID.set(sparse, Capability.SPARSE_MMAP);
        SparseMmap.NR_AREAS.set(sparse, 1);
        SparseArea.OFFSET.set(sparse + SparseMmap.BYTES, PAGE);
        SparseArea.SIZE.set(sparse + SparseMmap.BYTES, PAGE);
        int bytes = RegionInfo.BYTES + SparseMmap.BYTES + SparseArea.BYTES;
        RegionInfo.ARGSZ.set(payload, bytes);
        return bytes;
    }

    private int irqs(List<Descriptor> received) throws StorageException {
        int vector = (int) IrqSet.START.get(payload);
        if (IrqSet.DATA_EVENTFD.get(payload) == 0) {
            closeSignals();
        } else {
            signals.put(vector, environment.unixSockets().signal(received.removeFirst()));
        }
        return 0;
    }

    private int access(boolean read) {
        int bytes = (int) RegionAccess.COUNT.get(payload);
        Region region = RegionAccess.REGION.get(payload) == 0 ? registers : configuration;
        long at = region.address() + RegionAccess.OFFSET.get(payload);
        long data = payload + RegionAccess.BYTES;
        Mem.copy(read ? at : data, read ? data : at, bytes);
        return RegionAccess.BYTES + (read ? bytes : 0);
    }

    /** Ends as a server does that dies. */
    void hangUp() {
        server.close();
        if (socket != null) {
            socket.shutdown();
        }
    }

    private void closeSignals() {
        signals.values().forEach(Signal::close);
        signals.clear();
    }

    @Override
    public void close() {
        hangUp();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (socket != null) {
            socket.close();
        }
        closeSignals();
        maps.values().forEach(Descriptor::close);
        for (Region region : List.of(registers, doorbells, configuration, memory)) {
            environment.memory().free(region);
        }
    }
}
