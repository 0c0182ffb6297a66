package dev.karst.nvmf.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Region;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.NvmfHost;
import dev.karst.nvmf.NvmfTransport;
import dev.karst.nvmf.NvmfTransportProvider;
import dev.karst.nvmf.TransportOptions;
import dev.karst.reactor.Reactor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A transport without a wire: a test hands commands to its connections and finds the answers there. */
final class FakeTransport implements NvmfTransportProvider, NvmfTransport {
    static final TransportOptions OPTIONS = new TransportOptions(128, 128, 8, 4096, 131072, true, 1000, false);
    private static final int FIRST_PORT = 40000;

    final List<FakeConnection> connections = new ArrayList<>();
    final Set<ListenAddress> listening = new HashSet<>();
    private NvmfHost host;
    private TransportOptions options = OPTIONS;
    private int nextPort = FIRST_PORT;
    boolean refusesToListen;
    /** The one port that cannot be had. */
    String takenPort = "";
    int opened;

    @Override
    public String type() {
        return "TCP";
    }

    @Override
    public TransportOptions defaults() {
        return OPTIONS;
    }

    @Override
    public NvmfTransport open(NvmfHost host, TransportOptions options) {
        this.host = host;
        this.options = options;
        opened++;
        return this;
    }

    @Override
    public TransportOptions options() {
        return options;
    }

    @Override
    public ListenAddress listen(ListenAddress address) throws StorageException {
        if (refusesToListen || address.trsvcid().equals(takenPort) || address.traddr().startsWith("198.")) {
            throw StorageException.errno(Errno.EADDRNOTAVAIL, address + " is not an address of this machine");
        }
        String port = address.trsvcid().equals("0") ? Integer.toString(nextPort++) : address.trsvcid();
        var actual = new ListenAddress(address.trtype(), address.adrfam(), address.traddr(), port);
        if (!listening.add(actual)) {
            throw StorageException.errno(Errno.EADDRINUSE, actual + " is in use");
        }
        return actual;
    }

    @Override
    public void unlisten(ListenAddress address) {
        listening.remove(address);
    }

    @Override
    public Map<String, Long> statistics(Reactor reactor) {
        return Map.of("connections", connections.stream().filter(each -> each.reactor() == reactor).count());
    }

    @Override
    public void close() throws StorageException {
        listening.clear();
        for (FakeConnection connection : List.copyOf(connections)) {
            connection.reactor().execute(() -> connection.disconnect("the transport closes"));
        }
        for (FakeConnection connection : List.copyOf(connections)) {
            host.reactors().await(connection.gone, 10_000, "a connection");
        }
    }

    /** A connection to a listener. On the reactor. */
    FakeConnection accept(Reactor reactor, ListenAddress listener, Region memory) {
        var connection = new FakeConnection(this, reactor, listener, memory, host);
        connections.add(connection);
        return connection;
    }
}
