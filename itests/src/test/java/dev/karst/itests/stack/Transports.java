package dev.karst.itests.stack;

import dev.karst.base.StorageException;
import dev.karst.nvmf.NvmfHost;
import dev.karst.nvmf.NvmfTransport;
import dev.karst.nvmf.NvmfTransportProvider;
import dev.karst.nvmf.TransportOptions;

/** A provider that keeps what it opened, for a test to look at, and plants a bug above it. */
final class Transports implements NvmfTransportProvider {
    private final NvmfTransportProvider provider;
    private final Bug bug;
    /** The transport that was opened last. */
    volatile NvmfTransport opened;

    Transports(NvmfTransportProvider provider, Bug bug) {
        this.provider = provider;
        this.bug = bug;
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
        opened = provider.open(bug == Bug.NONE ? host : new BuggyHost(host, bug), options);
        return opened;
    }
}
