package dev.karst.nvmf;

import dev.karst.base.StorageException;
import org.osgi.annotation.versioning.ConsumerType;

/** A kind of transport, a service. Control threads. */
@ConsumerType
public interface NvmfTransportProvider {
    /** SPDK's {@code trtype}: {@code TCP}. */
    String type();

    /** What holds for options that nobody sets. */
    TransportOptions defaults();

    /**
     * Makes a transport of this kind; it listens nowhere yet.
     *
     * @throws StorageException EINVAL for options that cannot be, ENOMEM
     */
    NvmfTransport open(NvmfHost host, TransportOptions options) throws StorageException;
}
