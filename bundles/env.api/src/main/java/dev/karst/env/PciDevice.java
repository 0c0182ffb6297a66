package dev.karst.env;

import dev.karst.base.StorageException;

/**
 * A PCI function that this process drives. Control threads, except where a method says otherwise; calls may block, since a register of
 * a device that another process plays is read by a message.
 *
 * <p>A device may vanish at any time. From then on its registers read as all ones, what is written goes nowhere, and {@link #isGone}
 * says so; nothing else happens.
 */
public abstract class PciDevice {
    /** Where it is: a PCI address, or the path of a socket. */
    public abstract String address();

    /** Reads 1, 2 or 4 bytes of its configuration space. */
    public abstract long readConfig(int offset, int bytes);

    /** Writes 1, 2 or 4 bytes of its configuration space. */
    public abstract void writeConfig(int offset, int bytes, long value);

    /** Bytes of a base address register's range, 0 to 5; 0 when it is not there. */
    public abstract long barBytes(int bar);

    /**
     * Address at which the range can be read and written by plain loads and stores until {@link #close}, registered with {@link
     * dev.karst.base.Mem}; 0 where the device does not let it be mapped.
     *
     * @throws StorageException EINVAL when the range does not lie within the register's; or what the system says
     */
    public abstract long map(int bar, long offset, long bytes) throws StorageException;

    /** Reads a register of 4 or 8 bytes; all ones when the device is gone. */
    public abstract long read(int bar, long offset, int bytes);

    /** Writes a register of 4 or 8 bytes. */
    public abstract void write(int bar, long offset, int bytes, long value);

    /** Where the device finds this process's memory. */
    public abstract DmaMap dma();

    /** How many interrupt vectors it has. */
    public abstract int vectors();

    /**
     * Lets the device raise vectors 0 to {@code count} - 1; 0 for none.
     *
     * @throws StorageException EINVAL when it has fewer; EOPNOTSUPP where interrupts cannot reach the process
     */
    public abstract void enableInterrupts(int count) throws StorageException;

    /** Tells {@code readiness} each time the enabled vector is raised: {@link Readiness#readable}. The reactor's own thread. */
    public abstract void watch(int vector, EventSet events, Readiness readiness);

    /** Stops telling. The reactor's own thread. */
    public abstract void unwatch(int vector);

    /** Whether it has vanished. Any thread. */
    public abstract boolean isGone();

    /**
     * Resets the function (FLR), after which it touches no memory and forgets all.
     *
     * @throws StorageException EOPNOTSUPP when it cannot be reset; ENODEV when it is gone
     */
    public abstract void reset() throws StorageException;

    /** Gives it back. It must not touch memory any more: see {@link #reset}. Mappings stay valid, and read all ones or nothing of use. */
    public abstract void close();
}
