package dev.karst.nvme.tcp;

import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.Memory;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.TransportId;
import dev.karst.nvme.transport.FabricsTransport;
import dev.karst.nvme.transport.NvmeTransport;
import dev.karst.nvme.transport.TransportQueue;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Brings {@code TCP} to the NVMe driver. */
@Component(immediate = true, service = NvmeTransport.class)
public final class TcpFabrics implements FabricsTransport {
    private final Environment environment;
    private final Reactors reactors;

    /** On that machine's network. */
    @Activate
    public TcpFabrics(@Reference Environment environment, @Reference Reactors reactors) {
        this.environment = environment;
        this.reactors = reactors;
    }

    @Override
    public String type() {
        return "TCP";
    }

    @Override
    public TransportQueue queue(
        TransportId id, ControllerOptions options, Reactor reactor, int qid, int depth, TransportQueue.Owner owner)
        throws StorageException {
        TcpAddress address = TcpAddress.of(environment.network(), id, options);
        return new TcpQueue(qid, depth, reactor, owner, address, this);
    }

    /** What queues wait for reactors with. */
    Reactors reactors() {
        return reactors;
    }

    /** Where their memory comes from. */
    Memory memory() {
        return environment.memory();
    }
}
