package dev.karst.itests.stack;

import dev.karst.base.StorageException;
import dev.karst.nvmf.NvmfHost;
import dev.karst.nvmf.NvmfTransport;
import dev.karst.nvmf.NvmfTransportProvider;
import dev.karst.nvmf.TransportOptions;

/** A provider that keeps what it opened, for a test to look at. */
final class Transports implements NvmfTransportProvider {
    private final NvmfTransportProvider provider;
    /** The transport that was opened last. */
    volatile NvmfTransport opened;

    Transports(NvmfTransportProvider provider) {
        this.provider = provider;
    }

    @Override
    public String type() {
        return provider.type();
    }

    @Override
    public TransportOptions defaults() {
        return provider.defaults();
    }

    @Override
    public NvmfTransport open(NvmfHost host, TransportOptions options) throws StorageException {
        opened = provider.open(host, options);
        return opened;
    }
}
