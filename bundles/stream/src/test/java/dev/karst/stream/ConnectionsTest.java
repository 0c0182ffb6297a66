package dev.karst.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.env.ServerSocket;
import dev.karst.env.StreamSocket;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectionsTest {
    private static final long CHECK_MS = 10;

    private final List<Peer> checked = new ArrayList<>();
    private final List<Peer> read = new ArrayList<>();
    private SimWorld world;
    private ServerSocket server;
    private Connections<Peer> connections;

    /** A connection that does nothing. */
    private final class Peer extends Turn implements Connections.Member {
        private final StreamSocket socket;
        private boolean isLate;

        Peer() throws Exception {
            socket = world.environment().network().connect("127.0.0.1", server.port());
            world.on(world.reactor(0), () -> connections.add(this));
        }

        @Override
        public Turn turn() {
            return this;
        }

        @Override
        public StreamSocket socket() {
            return socket;
        }

        @Override
        public void checkTime(long nowNanos) {
            checked.add(this);
            if (isLate) {
                end();
            }
        }

        void end() {
            socket.close();
            connections.remove(this);
        }

        @Override
        protected boolean read() {
            read.add(this);
            return false;
        }

        @Override
        protected void flush() {}

        @Override
        protected boolean isClosed() {
            return false;
        }

        @Override
        protected void failed(Throwable failure) {
            throw new AssertionError(failure);
        }
    }

    @BeforeEach
    void make() throws Exception {
        world = new SimWorld(1, 1);
        server = world.environment().network().listen("127.0.0.1", 0, 16);
        connections = new Connections<>(world.reactor(0), CHECK_MS * 1_000_000);
        on(connections::start);
    }

    @AfterEach
    void close() {
        server.close();
        world.close();
    }

    private void on(Runnable task) throws Exception {
        world.on(world.reactor(0), task);
    }

    private void closeAll() throws Exception {
        on(() -> connections.close(Peer::end, () -> { }));
    }

    @Test
    void shouldLookAtEachFromTimeToTimeWhenSomeEndByIt() throws Exception {
        List<Peer> peers = List.of(new Peer(), new Peer(), new Peer());
        peers.get(1).isLate = true;
        world.runFor(2 * CHECK_MS);
        assertEquals(2, connections.size());
        assertEquals(1, Collections.frequency(checked, peers.get(1)));
        assertTrue(Collections.frequency(checked, peers.get(0)) >= 1);
        closeAll();
        checked.clear();
        world.runFor(2 * CHECK_MS);
        assertEquals(List.of(), checked);
    }

    @Test
    void shouldReadNobodyThatHasGone() throws Exception {
        Peer one = new Peer();
        Peer other = new Peer();
        on(() -> {
            connections.round().ready(one);
            connections.round().ready(other);
            one.end();
        });
        world.runFor(1);
        assertEquals(List.of(other), read);
        closeAll();
    }

    @Test
    void shouldTellWhenTheLastHasGone() throws Exception {
        boolean[] told = new boolean[1];
        Peer slow = new Peer();
        Peer quick = new Peer();
        on(() -> connections.close(peer -> {
            if (peer == quick) {
                peer.end();
            }
        }, () -> told[0] = true));
        assertFalse(told[0]);
        on(slow::end);
        assertTrue(told[0]);
    }

    @Test
    void shouldTellAtOnceWhenThereIsNoneToEnd() throws Exception {
        boolean[] told = new boolean[1];
        on(() -> connections.close(Peer::end, () -> told[0] = true));
        assertTrue(told[0]);
    }

    @Test
    void shouldShutTheSocketsOfThoseThatAreThere() throws Exception {
        Peer one = new Peer();
        on(new Peer()::end);
        assertEquals(1, connections.shut());
        on(one::end);
        assertEquals(0, connections.shut());
        closeAll();
    }
}
