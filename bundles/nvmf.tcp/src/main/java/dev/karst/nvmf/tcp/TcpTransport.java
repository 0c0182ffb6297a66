package dev.karst.nvmf.tcp;

import dev.karst.base.Errno;
import dev.karst.base.StateReader;
import dev.karst.base.StorageException;
import dev.karst.env.ServerSocket;
import dev.karst.env.StreamSocket;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.NvmfHost;
import dev.karst.nvmf.NvmfTransport;
import dev.karst.nvmf.ParkedConnection;
import dev.karst.nvmf.TransportOptions;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.stream.Listener;
import dev.karst.stream.StandIns;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/** The TCP transport of a target: a group per reactor, and the listeners. */
final class TcpTransport implements NvmfTransport, StandIns.Owner<ListenAddress>, Listener.Dealer<ListenAddress> {
    private static final System.Logger LOG = System.getLogger("dev.karst.nvmf.tcp");
    private static final int BACKLOG = 1024;
    private static final long CLOSE_TIMEOUT_MS = 10_000;

    private final NvmfHost host;
    private final TransportOptions options;
    private final Reactors reactors;
    /** By the reactor's number. */
    private final List<TcpGroup> groups = new ArrayList<>();
    private final List<Listener<ListenAddress>> listeners = new ArrayList<>();
    private final StandIns<ListenAddress> standIns;

    TcpTransport(NvmfHost host, TransportOptions options) throws StorageException {
        this.host = host;
        this.options = options;
        reactors = host.reactors();
        standIns = new StandIns<>(this, reactors, LOG);
        try {
            for (Reactor reactor : reactors.all()) {
                TcpGroup group = new TcpGroup(reactor, host, options);
                groups.add(group);
                reactor.execute(group::start);
            }
        } catch (StorageException e) {
            close();
            throw e;
        }
        reactors.watch(standIns);
    }

    @Override
    public List<Listener<ListenAddress>> listeners() {
        return listeners;
    }

    @Override
    public int shut(Reactor reactor) {
        return group(reactor).shut();
    }

    @Override
    public void background(Runnable task) {
        host.environment().threads().background().execute(task);
    }

    @Override
    public TransportOptions options() {
        return options;
    }

    /** What each group has seen, by the reactor's number. */
    List<TcpCounters> counters() {
        return groups.stream().map(TcpGroup::counters).toList();
    }

    @Override
    public Map<String, Long> statistics(Reactor reactor) {
        return group(reactor).statistics();
    }

    /** The connections of a reactor. */
    TcpGroup group(Reactor reactor) {
        return groups.get(reactor.id());
    }

    @Override
    public synchronized ListenAddress listen(ListenAddress address) throws StorageException {
        int port = port(address);
        ServerSocket socket = host.environment().network().listen(address.traddr(), port, BACKLOG);
        ListenAddress bound =
            new ListenAddress(address.trtype(), address.adrfam(), address.traddr(), Integer.toString(socket.port()));
        adopt(bound, socket);
        return bound;
    }

    @Override
    public synchronized void adopt(ListenAddress address, ServerSocket socket) {
        Listener<ListenAddress> listener = new Listener<>(reactors.next(), socket, address, this);
        listeners.add(listener);
        listener.reactor().execute(listener::start);
    }

    @Override
    public synchronized Parked park() throws StorageException {
        var parked = new LinkedHashMap<ListenAddress, ServerSocket>();
        for (Listener<ListenAddress> listener : List.copyOf(listeners)) {
            parked.put(listener.place(), standIns.park(listener));
            listeners.remove(listener);
        }
        List<ParkedConnection> connections = new ArrayList<>();
        try {
            ofAll("the connections to come to rest", TcpGroup::rest);
            for (TcpGroup group : groups) {
                connections.addAll(reactors.call(group.reactor(), _ -> group.handOver()));
            }
            close();
        } catch (StorageException e) {
            LOG.log(System.Logger.Level.WARNING, "connections are left: {0}", e.getMessage());
        }
        return new Parked(parked, connections);
    }

    @Override
    public void adopt(ParkedConnection parked) throws StorageException {
        if (parked.reactor() >= groups.size()) {
            parked.socket().close();
            throw StateReader.refusal("its reactor is not there any more");
        }
        var decided = new CompletableFuture<String>();
        TcpGroup group = groups.get(parked.reactor());
        group.reactor().execute(() -> group.adopt(parked, decided::complete));
        String refusal = reactors.await(decided, CLOSE_TIMEOUT_MS, "a connection to go on");
        if (refusal != null) {
            throw StateReader.refusal(refusal);
        }
    }

    /** Does something on each reactor, and returns when it is done on all. */
    private void ofAll(String what, BiConsumer<TcpGroup, Runnable> action) throws StorageException {
        var done = new ArrayList<CompletableFuture<Void>>();
        for (TcpGroup group : groups) {
            var told = new CompletableFuture<Void>();
            done.add(told);
            group.reactor().execute(() -> action.accept(group, () -> told.complete(null)));
        }
        reactors.await(CompletableFuture.allOf(done.toArray(CompletableFuture[]::new)), CLOSE_TIMEOUT_MS, what);
    }

    private static int port(ListenAddress address) throws StorageException {
        try {
            int port = Integer.parseInt(address.trsvcid());
            if (port >= 0 && port <= 0xffff) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Said below, in the same words.
        }
        throw StorageException.errno(
            Errno.EINVAL, "trsvcid " + address.trsvcid() + " is no port: give a number from 0 to 65535");
    }

    @Override
    public synchronized void unlisten(ListenAddress address) {
        for (Listener<ListenAddress> listener : listeners) {
            if (listener.place().equals(address)) {
                listeners.remove(listener);
                standIns.close(listener);
                return;
            }
        }
    }

    @Override
    public void paused(Reactor reactor) {
        group(reactor).counters().acceptPauses++;
    }

    /** Gives a connection to the next reactor in turn. */
    @Override
    public void accepted(StreamSocket accepted, ListenAddress listener) {
        TcpGroup group = group(reactors.next());
        group.reactor().execute(() -> {
            if (group.size() >= Math.max(1, options.maxConnections() / groups.size())) {
                group.counters().refused++;
                group.log().refused(accepted.peer(), "there are " + group.size() + " connections already");
                accepted.close();
            } else {
                group.adopt(accepted, listener);
            }
        });
    }

    @Override
    public synchronized void close() throws StorageException {
        reactors.unwatch(standIns);
        for (Listener<ListenAddress> listener : listeners) {
            standIns.close(listener);
        }
        listeners.clear();
        ofAll("the last connections", TcpGroup::close);
    }
}
