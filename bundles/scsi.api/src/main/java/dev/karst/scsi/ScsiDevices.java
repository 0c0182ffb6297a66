package dev.karst.scsi;

import dev.karst.base.StorageException;
import java.util.List;

/** Makes SCSI devices on block devices, a service. Control threads. */
public interface ScsiDevices {
    /** All devices, by number. */
    List<ScsiDevice> devices();

    /**
     * Makes a device without logical units and ports. It gets the lowest number that is free.
     *
     * @param name unique, such as an iSCSI name; designators of its logical units are made from it
     * @throws StorageException EEXIST when there is one of that name
     */
    ScsiDevice create(String name) throws StorageException;
}
