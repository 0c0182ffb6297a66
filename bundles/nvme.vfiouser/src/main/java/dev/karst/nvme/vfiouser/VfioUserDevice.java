package dev.karst.nvme.vfiouser;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.DmaMap;
import dev.karst.env.Environment;
import dev.karst.env.EventSet;
import dev.karst.env.Memory;
import dev.karst.env.PciDevice;
import dev.karst.env.Readiness;
import dev.karst.env.Region;
import dev.karst.env.unix.Signal;
import dev.karst.env.unix.UnixSocket;
import dev.karst.env.unix.UnixSockets;
import dev.karst.spec.vfiouser.RegionInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A device that another process plays. Registers are read and written by messages, doorbells by plain stores where the server lets them
 * be mapped. When the server ends, breaks the protocol or does not answer in time, the device is gone.
 */
final class VfioUserDevice extends PciDevice {
    private static final int BARS = 6;
    private static final long HANG_UP_MS = 1000;
    /** PCI Local Bus 3.0, 6.2.2: memory space, bus master, no interrupt pin. */
    private static final int COMMAND = 4;
    private static final int COMMAND_ENABLE = 0x406;
    /** PCI Local Bus 3.0, 6.7 and 6.8.2: the first capability, and of MSI-X its ID, its control register and the enable bit there. */
    private static final int CAPABILITIES = 0x34;
    private static final int MOST_CAPABILITIES = 48;
    private static final int MSIX = 0x11;
    private static final int MSIX_CONTROL = 2;
    private static final int MSIX_ENABLE = 0x8000;

    private final String address;
    private final Memory memory;
    private final UnixSockets sockets;
    private final Region buffer;
    private final Connection connection;
    private final Client client;
    private final SharedBlocks blocks;
    private final Bar[] bars = new Bar[BARS];
    private Bar config;
    private boolean resettable;
    private int vectors;
    private volatile List<Signal> signals = List.of();
    private boolean closed;

    private VfioUserDevice(Environment environment, Path path, long timeoutMs, UnixSocket socket, Region buffer) {
        address = path.toString();
        memory = environment.memory();
        sockets = environment.unixSockets();
        this.buffer = buffer;
        connection = new Connection(address, socket, buffer.address());
        client = new Client(connection, timeoutMs);
        blocks = new SharedBlocks(client, connection);
    }

    /** Connects, and learns what the device is like; the server has so long for each answer. */
    static VfioUserDevice open(Environment environment, Path path, long timeoutMs) throws StorageException {
        Region buffer = environment.memory().allocate("vfio-user " + path, Connection.BUFFER_BYTES);
        UnixSocket socket;
        try {
            socket = environment.unixSockets().connect(path);
        } catch (StorageException e) {
            environment.memory().free(buffer);
            throw e;
        }
        var device = new VfioUserDevice(environment, path, timeoutMs, socket, buffer);
        try {
            device.begin();
        } catch (StorageException e) {
            device.close();
            throw e;
        }
        environment.threads().background().execute(() -> device.awaitHangUp(socket));
        return device;
    }

    private void begin() throws StorageException {
        client.version();
        resettable = client.isResettable();
        for (int bar = 0; bar < BARS; bar++) {
            bars[bar] = client.region(bar);
        }
        config = client.region(RegionInfo.INDEX_CONFIG);
        vectors = client.vectors();
        memory.watch(blocks);
        long command = client.read(RegionInfo.INDEX_CONFIG, COMMAND, Short.BYTES);
        client.write(RegionInfo.INDEX_CONFIG, COMMAND, Short.BYTES, command | COMMAND_ENABLE);
    }

    /** A server that ends says so on the socket, where nobody listens while doorbells do all the talking. */
    private void awaitHangUp(UnixSocket socket) {
        while (!connection.isEnded()) {
            if (socket.awaitEnd(HANG_UP_MS)) {
                connection.end("its server ended");
            }
        }
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public long readConfig(int offset, int bytes) {
        return config.holds(offset, bytes) ? ask(RegionInfo.INDEX_CONFIG, offset, bytes) : allOnes(bytes);
    }

    @Override
    public void writeConfig(int offset, int bytes, long value) {
        if (config.holds(offset, bytes)) {
            tell(RegionInfo.INDEX_CONFIG, offset, bytes, value);
        }
    }

    @Override
    public long barBytes(int bar) {
        return bars[bar].bytes();
    }

    @Override
    public long map(int bar, long offset, long bytes) throws StorageException {
        if (!bars[bar].holds(offset, bytes)) {
            throw StorageException.errno(
                Errno.EINVAL, "cannot map " + bytes + " bytes from offset " + offset + " of BAR" + bar + " of " + address
                    + ", which has " + bars[bar].bytes());
        }
        return bars[bar].map(offset, bytes);
    }

    @Override
    public long read(int bar, long offset, int bytes) {
        if (isGone() || !bars[bar].holds(offset, bytes)) {
            return allOnes(bytes);
        }
        long mapped = bars[bar].mapped(offset, bytes);
        if (mapped != 0) {
            return bytes == Long.BYTES ? Mem.getLong(mapped) : Mem.getU32(mapped);
        }
        return ask(bar, offset, bytes);
    }

    @Override
    public void write(int bar, long offset, int bytes, long value) {
        if (isGone() || !bars[bar].holds(offset, bytes)) {
            return;
        }
        long mapped = bars[bar].mapped(offset, bytes);
        if (mapped == 0) {
            tell(bar, offset, bytes, value);
        } else if (bytes == Long.BYTES) {
            Mem.setLong(mapped, value);
        } else {
            Mem.setInt(mapped, (int) value);
        }
    }

    private static long allOnes(int bytes) {
        return -1L >>> Long.SIZE - bytes * Byte.SIZE;
    }

    private long ask(int region, long offset, int bytes) {
        try {
            return client.read(region, offset, bytes);
        } catch (StorageException e) {
            connection.end(e.getMessage());
            return allOnes(bytes);
        }
    }

    private void tell(int region, long offset, int bytes, long value) {
        try {
            client.write(region, offset, bytes, value);
        } catch (StorageException e) {
            connection.end(e.getMessage());
        }
    }

    @Override
    public DmaMap dma() {
        return blocks;
    }

    @Override
    public int vectors() {
        return vectors;
    }

    @Override
    public synchronized void enableInterrupts(int count) throws StorageException {
        if (count < 0 || count > vectors) {
            throw StorageException.errno(
                Errno.EINVAL, address + " has " + vectors + " interrupts, not " + count);
        }
        disableInterrupts();
        List<Signal> enabled = new ArrayList<>();
        try {
            for (int vector = 0; vector < count; vector++) {
                Signal signal = sockets.signal();
                enabled.add(signal);
                client.setVector(vector, signal.descriptor());
            }
        } catch (StorageException e) {
            enabled.forEach(Signal::close);
            throw e;
        }
        signals = List.copyOf(enabled);
        if (count > 0) {
            msixEnable(true);
        }
    }

    /** A server raises vectors only while its MSI-X capability, if it shows one, says that they are enabled. */
    private void msixEnable(boolean enable) {
        int at = (int) readConfig(CAPABILITIES, 1);
        for (int times = 0; times < MOST_CAPABILITIES && at != 0 && readConfig(at, 1) != MSIX; times++) {
            at = (int) readConfig(at + 1, 1);
        }
        if (at != 0 && readConfig(at, 1) == MSIX) {
            long control = readConfig(at + MSIX_CONTROL, 2) & ~MSIX_ENABLE;
            writeConfig(at + MSIX_CONTROL, 2, enable ? control | MSIX_ENABLE : control);
        }
    }

    private void disableInterrupts() throws StorageException {
        List<Signal> enabled = signals;
        signals = List.of();
        enabled.forEach(Signal::close);
        if (!enabled.isEmpty() && !isGone()) {
            msixEnable(false);
            client.clearVectors();
        }
    }

    @Override
    public void watch(int vector, EventSet events, Readiness readiness) {
        signals.get(vector).watch(events, readiness);
    }

    @Override
    public void unwatch(int vector) {
        List<Signal> enabled = signals;
        if (vector < enabled.size()) {
            enabled.get(vector).unwatch();
        }
    }

    @Override
    public boolean isGone() {
        return connection.isEnded();
    }

    @Override
    public void reset() throws StorageException {
        if (!resettable) {
            throw StorageException.errno(Errno.EOPNOTSUPP, "the server at " + address + " cannot reset its device");
        }
        client.reset();
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        memory.unwatch(blocks);
        try {
            if (!isGone()) {
                disableInterrupts();
                blocks.unmapAll();
            }
        } catch (StorageException e) {
            connection.end(e.getMessage());
        }
        signals.forEach(Signal::close);
        connection.close();
        memory.free(buffer);
        for (Bar bar : bars) {
            if (bar != null) {
                bar.close();
            }
        }
        if (config != null) {
            config.close();
        }
    }
}
