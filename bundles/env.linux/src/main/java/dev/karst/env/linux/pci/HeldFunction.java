package dev.karst.env.linux.pci;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.PciDevice;
import dev.karst.env.linux.kernel.Failure;

/** What both ways to a function have in common: its command register, its mappings, and how it is once it has vanished. */
abstract class HeldFunction extends PciDevice {
    /** PCI Local Bus 3.0, 6.1: offsets in configuration space. */
    private static final int COMMAND = 4;
    private static final int REVISION_AND_CLASS = 8;
    /** 6.2.2: bits of the command register. */
    private static final long MEMORY_SPACE = 1 << 1;
    private static final long BUS_MASTER = 1 << 2;
    private static final long INTERRUPT_DISABLE = 1 << 10;

    private static final int BARS = 6;
    private static final long ALL_ONES = -1;

    private final String address;
    private final Runnable onClose;
    private final BarMappings mappings = new BarMappings();
    private volatile boolean gone;
    private boolean closed;

    HeldFunction(String address, Runnable onClose) {
        this.address = address;
        this.onClose = onClose;
    }

    /** Reads from configuration space; negative when the system refuses. */
    abstract long readSpace(int offset, int bytes);

    abstract void writeSpace(int offset, int bytes, long value);

    /** Maps a range that lies within the register's; 0 where it cannot be. */
    abstract long map(BarMappings mappings, int bar, long offset, long bytes) throws StorageException;

    /** Reads a register of a device that is there. */
    abstract long readRegister(int bar, long offset, int bytes);

    abstract void writeRegister(int bar, long offset, int bytes, long value);

    abstract void resetFunction() throws StorageException;

    /** Closes descriptors, after the device was kept from memory and the mappings are gone. */
    abstract void release();

    /** Lets it be reached and reach memory; interrupts come as messages only. */
    final void begin() {
        writeConfig(COMMAND, 2, readConfig(COMMAND, 2) | MEMORY_SPACE | BUS_MASTER | INTERRUPT_DISABLE);
    }

    private void end() {
        writeConfig(COMMAND, 2, readConfig(COMMAND, 2) & ~BUS_MASTER);
        // What is read last says that what was written has arrived.
        readConfig(COMMAND, 2);
    }

    /** It vanished, or is about to: from now on it is as if it were not there, and it reaches no memory. */
    final synchronized void lose() {
        if (!gone && !closed) {
            end();
            mappings.letGo();
            gone = true;
        }
    }

    private static long ones(int bytes) {
        return ALL_ONES >>> Long.SIZE - bytes * Byte.SIZE;
    }

    private boolean isAway() {
        return gone || closed;
    }

    @Override
    public final String address() {
        return address;
    }

    @Override
    public final synchronized long readConfig(int offset, int bytes) {
        long value = isAway() ? ALL_ONES : readSpace(offset, bytes);
        return value < 0 ? ones(bytes) : value;
    }

    @Override
    public final synchronized void writeConfig(int offset, int bytes, long value) {
        if (!isAway()) {
            writeSpace(offset, bytes, value);
        }
    }

    @Override
    public final synchronized long map(int bar, long offset, long bytes) throws StorageException {
        long most = bar < 0 || bar >= BARS ? 0 : barBytes(bar);
        if (offset < 0 || bytes <= 0 || bytes > most || offset > most - bytes) {
            throw Failure.refused(Errno.EINVAL, "map " + bytes + " bytes at " + offset + " of BAR " + bar + " of " + address,
                "it has " + most);
        }
        if (isAway()) {
            throw Failure.refused(Errno.ENODEV, "map BAR " + bar + " of " + address, "the device is gone");
        }
        return map(mappings, bar, offset, bytes);
    }

    final BarMappings mappings() {
        return mappings;
    }

    @Override
    public final synchronized long read(int bar, long offset, int bytes) {
        return isAway() ? ones(bytes) : readRegister(bar, offset, bytes);
    }

    @Override
    public final synchronized void write(int bar, long offset, int bytes, long value) {
        if (!isAway()) {
            writeRegister(bar, offset, bytes, value);
        }
    }

    /** Its class is never all ones. */
    @Override
    public final boolean isGone() {
        if (!gone && readConfig(REVISION_AND_CLASS, 4) == ones(4)) {
            lose();
        }
        return gone;
    }

    @Override
    public final synchronized void reset() throws StorageException {
        if (isGone() || closed) {
            throw Failure.refused(Errno.ENODEV, "reset " + address, "the device is gone");
        }
        resetFunction();
        begin();
    }

    @Override
    public final synchronized void close() {
        if (!closed) {
            lose();
            closed = true;
            release();
            onClose.run();
        }
    }
}
