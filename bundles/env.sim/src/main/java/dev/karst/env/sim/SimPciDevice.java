package dev.karst.env.sim;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.DmaMap;
import dev.karst.env.EventSet;
import dev.karst.env.PciDevice;
import dev.karst.env.PciFunction;
import dev.karst.env.Readiness;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A simulated PCI function: what all have; a model adds what this one does. Its registers are plain memory, as a driver sees
 * those of a real one; the model finds out what was written when it {@linkplain #look looks}, which it does before each step of
 * the simulation. {@link #memory} is its way to the machine's memory, which notes each access that it must not make.
 */
public abstract class SimPciDevice extends PciDevice {
    private static final int CONFIG_BYTES = 4096;
    private static final int BARS = 6;
    private static final int COMMAND = 4;
    private static final int CLASS = 8;
    private static final int SUBSYSTEM = 0x2c;
    private static final int CAPABILITIES = 0x34;
    private static final int MSIX = 0x40;
    private static final int MSIX_ID = 0x11;
    private static final int MEMORY_AND_BUS_MASTER = 6;
    private static final int BAR_REGISTERS = 0x10;
    /** A range of memory anywhere in 64 bits. */
    private static final int BAR_64 = 4;
    /** Where the bus has ranges of devices: far from where it has memory. */
    private static final long BUS_ADDRESSES = 0x3f_0000_0000L;

    /** An interrupt vector: told once for any number of times that it was raised. */
    private static final class Vector extends SimSource {
        private Readiness readiness;
        private boolean raised;

        @Override
        void deliver() {
            raised = false;
            readiness.readable();
        }
    }

    private final PciFunction function;
    private final SimTrace trace;
    private final SimDma memory;
    private final Arena arena = Arena.ofShared();
    private final ByteBuffer config = ByteBuffer.allocate(CONFIG_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final List<Long> inner = new ArrayList<>();
    private final long[] bars = new long[BARS];
    private final long[] barBytes = new long[BARS];
    private final Vector[] vectors;
    private int enabledVectors;
    private boolean open;
    private boolean gone;

    /** A device that is not plugged in yet; {@code vectors} interrupt vectors. */
    protected SimPciDevice(SimEnvironment environment, SimRandom random, PciFunction function, int vectors) {
        this.function = function;
        this.trace = environment.trace();
        this.memory = new SimDma(environment.memory(), random);
        this.vectors = new Vector[vectors];
        for (int i = 0; i < vectors; i++) {
            this.vectors[i] = new Vector();
        }
        config.putShort(0, (short) function.vendor());
        config.putShort(2, (short) function.device());
        config.putInt(CLASS, function.classCode() << 8);
        config.putShort(SUBSYSTEM, (short) function.subsystemVendor());
        config.putShort(SUBSYSTEM + 2, (short) function.subsystemDevice());
        config.put(CAPABILITIES, (byte) MSIX);
        config.put(MSIX, (byte) MSIX_ID);
        config.putShort(MSIX + 2, (short) (vectors - 1));
    }

    /** Looks at its registers, and schedules what follows from what was written. Changes nothing when nothing was. */
    protected abstract void look();

    /** Forgets all, and touches no memory any more. */
    protected abstract void functionReset();

    /** It was pulled out: it does nothing any more. */
    protected abstract void removed();

    /** Gives it a range of registers, zeroed, of a multiple of 4096 bytes; the address of the first. */
    protected final long addBar(int bar, long bytes) {
        bars[bar] = innerMemory(bytes);
        barBytes[bar] = bytes;
        config.putLong(BAR_REGISTERS + Integer.BYTES * bar, BUS_ADDRESSES + ((long) bar << Integer.SIZE) | BAR_64);
        return bars[bar];
    }

    /** Memory of the model's own, zeroed, there as long as the machine; its address. */
    protected final long innerMemory(long bytes) {
        long address = arena.allocate(bytes, CONFIG_BYTES).address();
        Mem.register(address, bytes);
        inner.add(address);
        return address;
    }

    /** Its way to the machine's memory. */
    public final SimDma memory() {
        return memory;
    }

    /** Raises an interrupt vector. */
    protected final void raise(int vector) {
        if (vector < enabledVectors && !gone) {
            trace.event("interrupt", vector, 0);
            vectors[vector].raised = true;
            vectors[vector].signal();
        }
    }

    final PciFunction function(String driver) {
        return new PciFunction(
            function.address(), function.vendor(), function.device(), function.subsystemVendor(), function.subsystemDevice(),
            function.classCode(), driver, function.iommuGroup(), function.numaNode());
    }

    final void open() {
        open = true;
        memory.remember();
        config.putShort(COMMAND, (short) MEMORY_AND_BUS_MASTER);
    }

    final boolean isOpen() {
        return open;
    }

    final void vanish() {
        gone = true;
        removed();
        lookAround();
    }

    /** The machine is no more. */
    final void dispose() {
        inner.forEach(Mem::unregister);
        arena.close();
    }

    /** While it is gone its registers read all ones, whatever was written there. */
    final void lookAround() {
        if (!gone) {
            look();
            return;
        }
        for (int bar = 0; bar < BARS; bar++) {
            if (barBytes[bar] > 0) {
                Mem.fill(bars[bar], barBytes[bar], (byte) -1);
            }
        }
    }

    @Override
    public final String address() {
        return function.address();
    }

    @Override
    public final long readConfig(int offset, int bytes) {
        long mask = -1L >>> Long.SIZE - bytes * Byte.SIZE;
        if (gone) {
            return mask;
        }
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = value << Byte.SIZE | config.get(offset + i) & 0xff;
        }
        return value;
    }

    @Override
    public final void writeConfig(int offset, int bytes, long value) {
        for (int i = 0; i < bytes && offset >= COMMAND; i++) {
            config.put(offset + i, (byte) (value >>> i * Byte.SIZE));
        }
    }

    @Override
    public final long barBytes(int bar) {
        return barBytes[bar];
    }

    @Override
    public final long map(int bar, long offset, long bytes) throws StorageException {
        if (offset < 0 || bytes <= 0 || offset > barBytes[bar] - bytes) {
            throw StorageException.errno(
                Errno.EINVAL, "BAR " + bar + " of " + address() + " has " + barBytes[bar] + " bytes, not " + bytes + " from "
                    + offset);
        }
        return bars[bar] + offset;
    }

    @Override
    public final long read(int bar, long offset, int bytes) {
        if (gone) {
            return bytes == Long.BYTES ? -1 : 0xffff_ffffL;
        }
        return bytes == Long.BYTES ? Mem.getLong(bars[bar] + offset) : Mem.getU32(bars[bar] + offset);
    }

    @Override
    public final void write(int bar, long offset, int bytes, long value) {
        if (gone) {
            return;
        }
        if (bytes == Long.BYTES) {
            Mem.setLong(bars[bar] + offset, value);
        } else {
            Mem.setInt(bars[bar] + offset, (int) value);
        }
    }

    @Override
    public final DmaMap dma() {
        return memory.map();
    }

    @Override
    public final int vectors() {
        return vectors.length;
    }

    @Override
    public final void enableInterrupts(int count) throws StorageException {
        if (count < 0 || count > vectors.length) {
            throw StorageException.errno(
                Errno.EINVAL, address() + " has " + vectors.length + " interrupt vectors, not " + count);
        }
        enabledVectors = count;
    }

    @Override
    public final void watch(int vector, EventSet events, Readiness readiness) {
        Vector source = vectors[vector];
        source.readiness = readiness;
        source.watchedBy((SimEventSet) events);
        if (source.raised) {
            source.signal();
        }
    }

    @Override
    public final void unwatch(int vector) {
        vectors[vector].watchedBy(null);
    }

    @Override
    public final boolean isGone() {
        return gone;
    }

    @Override
    public final void reset() throws StorageException {
        if (gone) {
            throw StorageException.errno(Errno.ENODEV, address() + " is gone");
        }
        functionReset();
    }

    @Override
    public final void close() {
        open = false;
        enabledVectors = 0;
        memory.forget();
    }
}
