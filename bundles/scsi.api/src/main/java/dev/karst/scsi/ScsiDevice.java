package dev.karst.scsi;

import dev.karst.base.StorageException;
import dev.karst.reactor.Reactor;
import java.util.List;

/** A SCSI target device: logical units behind target ports. Control threads, except {@link #open}. SAM-6, 4.6. */
public interface ScsiDevice {
    /** Most logical units of a device. */
    int MAX_LUNS = 256;

    /**
     * The number of a logical unit, in peripheral device or flat space addressing; -1 where the field says none that a device can
     * have. SAM-6, 4.8.
     *
     * @param field the eight bytes of a LUN field, as a big-endian number
     */
    static int number(long field) {
        long method = field >>> 62;
        long number = field >>> 48 & 0x3fff;
        boolean isPlain = method <= 1 && field << 16 == 0;
        return isPlain && number < MAX_LUNS ? (int) number : -1;
    }

    /** Its number among the devices. */
    int id();

    String name();

    /**
     * A logical unit.
     *
     * @param lun its number, below {@link #MAX_LUNS}
     * @param bdev the block device's name
     */
    record Unit(int lun, String bdev) {}

    /** Its logical units, by number. */
    List<Unit> units();

    /**
     * Adds a logical unit; every nexus is told by a unit attention.
     *
     * @param lun its number, or -1 for the lowest that is free
     * @return its number
     * @throws StorageException ENODEV when there is no such block device; EEXIST when the number is taken; ENOSPC; EPERM when the block
     *     device is claimed
     */
    int addUnit(int lun, String bdev) throws StorageException;

    /**
     * Removes a logical unit: what is in flight ends first, what comes later finds none.
     *
     * @throws StorageException ENODEV when there is none
     */
    void removeUnit(int lun) throws StorageException;

    /** Its target ports. */
    List<TargetPort> ports();

    /**
     * Adds a target port.
     *
     * @throws StorageException EEXIST when one has that relative identifier
     */
    void addPort(TargetPort port) throws StorageException;

    /** Removes a target port; nothing happens when it is not there. */
    void removePort(TargetPort port);

    /**
     * Opens a nexus on the calling reactor. One that is open between the same two ports is the transport's to close first.
     *
     * @param port one of {@link #ports}
     */
    ScsiNexus open(InitiatorPort initiator, TargetPort port, Reactor reactor, NexusOwner owner);

    /** Ends the device: its logical units go, and every nexus finds none. */
    void close() throws StorageException;
}
