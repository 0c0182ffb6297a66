package dev.karst.nvme.transport;

import dev.karst.base.StorageException;
import dev.karst.env.PciDevice;
import dev.karst.nvme.TransportId;
import java.util.List;

/** Controllers with registers, doorbells and queues in memory. The driver does all the rest. Control threads; calls may block. */
public non-sealed interface PciTransport extends NvmeTransport {
    /** Where controllers are that may be attached. */
    List<TransportId> probe();

    /**
     * Takes the device.
     *
     * @throws StorageException ENODEV when there is none; EBUSY when somebody else has it; or what the system says
     */
    PciDevice open(TransportId id) throws StorageException;
}
