package dev.karst.nvmf.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.StorageException;
import dev.karst.env.ServerSocket;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.NvmfTransport;
import dev.karst.nvmf.ParkedConnection;
import dev.karst.nvmf.TransportOptions;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.nvmf.testkit.SimWire;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import java.util.Arrays;
import java.util.Map;

/** A transport in a world, and what it takes to see whether it leaks. */
final class Bench {
    static final String SUBSYSTEM = "nqn.2026-11.dev.karst:test";

    final SimWorld world;
    final FakeTarget target;
    private final TransportOptions options;
    TcpTransport transport;
    final int port;

    Bench(SimWorld world) throws StorageException {
        this(world, new TcpTransportProvider().defaults());
    }

    Bench(SimWorld world, TransportOptions options) throws StorageException {
        this.world = world;
        this.options = options;
        target = new FakeTarget(world);
        transport = (TcpTransport) new TcpTransportProvider().open(target, options);
        port = Integer.parseInt(transport.listen(new ListenAddress("TCP", "IPv4", "127.0.0.1", "4420")).trsvcid());
    }

    NvmeTcpHost host() throws StorageException {
        return new NvmeTcpHost(new SimWire(world, port));
    }

    NvmeTcpHost connected(boolean headerDigest, boolean dataDigest) throws Exception {
        NvmeTcpHost host = host();
        host.initialize(headerDigest, dataDigest);
        assertEquals(0, host.connect(SUBSYSTEM, "nqn.host", 1, 32).status());
        return host;
    }

    /** Makes a transport that takes over these listening sockets. */
    void open(Map<ListenAddress, ServerSocket> listeners) throws StorageException {
        transport = (TcpTransport) new TcpTransportProvider().open(target, options);
        listeners.forEach(transport::adopt);
    }

    /** Parks the transport and makes another that goes on with its connections. Gives how many there are. */
    int replace() throws StorageException {
        NvmfTransport.Parked parked = transport.park();
        open(parked.listeners());
        for (ParkedConnection connection : parked.connections()) {
            transport.adopt(connection);
        }
        return parked.connections().size();
    }

    /** A figure of {@code statistics}, of all reactors together. */
    long statistic(String name) throws Exception {
        long sum = 0;
        for (Reactor reactor : world.reactors().all()) {
            sum += world.call(reactor, () -> transport.statistics(reactor)).get(name);
        }
        return sum;
    }

    long fatalErrors() {
        return transport.counters().stream().mapToLong(counters -> Arrays.stream(counters.fatalErrors).sum()).sum();
    }

    /** Nothing is left of the connections, and nothing of the transport after it has closed. */
    void end() throws Exception {
        world.until(() -> target.released == target.opened);
        NvmfTransport closing = transport;
        closing.close();
        assertEquals(0, world.environment().memory().regions().size(), "regions of memory are left");
        assertEquals(0, world.environment().memory().givenBytes(), "views of memory are left");
        assertEquals(0, world.environment().network().openSockets(), "sockets are left");
    }
}
