package dev.karst.nvmf.tcp;

import dev.karst.base.StorageException;
import dev.karst.nvmf.NvmfHost;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What happens when a reactor is stuck, since a module blocks its thread: its connections are shut, so that their hosts come back,
 * and what it listens on another reactor accepts from until it answers again.
 */
final class StandIns implements Reactors.Watcher {
    private static final System.Logger LOG = System.getLogger("dev.karst.nvmf.tcp");

    private final TcpTransport transport;
    private final NvmfHost host;
    /** By the listener that they stand in for. Guarded by the transport. */
    private final Map<TcpListener, TcpListener> all = new HashMap<>();

    StandIns(TcpTransport transport, NvmfHost host) {
        this.transport = transport;
        this.host = host;
    }

    @Override
    public void blocked(Reactor reactor) {
        int shut = transport.group(reactor).shut();
        LOG.log(Level.WARNING, "reactor {0} is blocked: its {1} connections are shut, for hosts to come back on another",
            reactor.id(), shut);
        host.environment().threads().background().execute(() -> begin(reactor));
    }

    @Override
    public void answers(Reactor reactor) {
        host.environment().threads().background().execute(() -> {
            synchronized (transport) {
                List.copyOf(all.keySet()).stream().filter(one -> one.reactor() == reactor).forEach(this::end);
            }
        });
    }

    private void begin(Reactor reactor) {
        synchronized (transport) {
            for (TcpListener listener : transport.listeners()) {
                Reactor other = host.reactors().next();
                if (listener.reactor() == reactor && reactor.isBlocked() && !other.isBlocked()) {
                    begin(listener, other);
                }
            }
        }
    }

    private void begin(TcpListener listener, Reactor reactor) {
        try {
            TcpListener standIn = listener.on(reactor);
            all.put(listener, standIn);
            reactor.execute(standIn::start);
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "nobody accepts at {0} until its reactor answers: {1}", listener.address(), e.getMessage());
        }
    }

    /** The listener accepts itself again, or ends. */
    void end(TcpListener listener) {
        TcpListener standIn = all.remove(listener);
        if (standIn != null) {
            transport.end(standIn);
        }
    }
}
