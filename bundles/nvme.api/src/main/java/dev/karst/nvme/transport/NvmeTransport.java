package dev.karst.nvme.transport;

/** A way to reach controllers, a service of its bundle. */
public sealed interface NvmeTransport permits PciTransport, FabricsTransport {
    /** {@link dev.karst.nvme.TransportId#type}, in capitals. */
    String type();
}
