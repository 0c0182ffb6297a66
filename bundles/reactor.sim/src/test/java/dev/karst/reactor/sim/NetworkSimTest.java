package dev.karst.reactor.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Readiness;
import dev.karst.env.Region;
import dev.karst.env.ServerSocket;
import dev.karst.env.StreamSocket;
import dev.karst.reactor.Reactor;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What a simulated connection promises: bytes in order, complete and once, or an error and a prefix of them. */
class NetworkSimTest {
    /** One end: writes all of its bytes, then ends its output, and keeps what it reads. */
    private static final class End extends Readiness {
        final StreamSocket socket;
        final byte[] toSend;
        final Region scratch;
        final IoVector vector = new IoVector(4);
        final ByteArrayOutputStream received = new ByteArrayOutputStream();
        int sent;
        boolean outputEnded;
        boolean inputEnded;
        int failure;

        End(SimWorld world, StreamSocket socket, byte[] toSend) throws StorageException {
            this.socket = socket;
            this.toSend = toSend;
            this.scratch = world.environment().memory().allocate("end", 8192);
        }

        @Override
        public void readable() {
            int moved;
            while ((moved = socket.read(scratch.address(), 4096)) > 0) {
                byte[] bytes = new byte[moved];
                Mem.get(scratch.address(), bytes, 0, moved);
                received.writeBytes(bytes);
            }
            inputEnded |= moved == 0;
            note(moved);
        }

        @Override
        public void writable() {
            while (sent < toSend.length && failure == 0) {
                int length = Math.min(4096, toSend.length - sent);
                Mem.put(scratch.address() + 4096, toSend, sent, length);
                vector.clear();
                vector.add(scratch.address() + 4096, length / 2);
                vector.add(scratch.address() + 4096 + length / 2, length - length / 2);
                int moved = socket.write(vector, 0);
                if (moved <= 0) {
                    note(moved);
                    return;
                }
                sent += moved;
            }
            if (sent == toSend.length && !outputEnded && failure == 0) {
                outputEnded = true;
                socket.shutdownOutput();
            }
        }

        boolean isDone() {
            return failure != 0 || inputEnded && outputEnded;
        }

        private void note(int moved) {
            if (moved < 0 && moved != StreamSocket.AGAIN) {
                failure = moved;
            }
        }
    }

    private static final class Acceptor extends Readiness {
        final ServerSocket socket;
        StreamSocket accepted;

        Acceptor(ServerSocket socket) {
            this.socket = socket;
        }

        @Override
        public void readable() {
            accepted = socket.accept();
        }
    }

    private record Pair(End client, End server) {}

    private static byte[] chance(SimWorld world, int length) {
        byte[] bytes = new byte[length];
        world.random().bytes(bytes);
        return bytes;
    }

    private static Pair connect(SimWorld world, int clientBytes, int serverBytes) throws Exception {
        Reactor here = world.reactors().next();
        Reactor there = world.reactors().next();
        var acceptor = new Acceptor(world.environment().network().listen("127.0.0.1", 4420, 16));
        world.on(there, () -> acceptor.socket.watch(there.events(), acceptor));
        var client = new End(world, world.environment().network().connect("127.0.0.1", 4420), chance(world, clientBytes));
        world.on(here, () -> client.socket.watch(here.events(), client));
        world.until(() -> acceptor.accepted != null);
        var server = new End(world, acceptor.accepted, chance(world, serverBytes));
        world.on(there, () -> {
            acceptor.socket.unwatch();
            server.socket.watch(there.events(), server);
        });
        return new Pair(client, server);
    }

    private static boolean isPrefix(byte[] part, byte[] whole) {
        return part.length <= whole.length && Arrays.equals(part, Arrays.copyOf(whole, part.length));
    }

    @Test
    void shouldDeliverAllBytesInOrderAndOnceWhenNothingIsCut() {
        SimWorld.run(1, 200, world -> {
            Pair pair = connect(world, world.random().below(100_000), world.random().below(100_000));
            world.until(() -> pair.client.isDone() && pair.server.isDone());
            assertArrayEquals(pair.client.toSend, pair.server.received.toByteArray());
            assertArrayEquals(pair.server.toSend, pair.client.received.toByteArray());
            assertEquals(0, pair.client.failure);
        });
    }

    @Test
    void shouldDeliverAPrefixAndAnErrorWhenTheConnectionIsCut() {
        int[] cuts = {0};
        SimWorld.run(1000, 200, world -> {
            Pair pair = connect(world, 50_000, 50_000);
            world.faults().cutOneIn = 20;
            world.until(() -> pair.client.isDone() && pair.server.isDone());
            assertTrue(isPrefix(pair.server.received.toByteArray(), pair.client.toSend));
            assertTrue(isPrefix(pair.client.received.toByteArray(), pair.server.toSend));
            cuts[0] += pair.client.failure != 0 || pair.server.failure != 0 ? 1 : 0;
        });
        assertTrue(cuts[0] > 0, "connections cut: " + cuts[0]);
    }

    @Test
    void shouldRefuseWhenNobodyListens() {
        SimWorld.run(1, 20, world -> {
            Reactor here = world.reactor(0);
            var client = new End(world, world.environment().network().connect("127.0.0.1", 1), new byte[10]);
            world.on(here, () -> client.socket.watch(here.events(), client));
            world.until(client::isDone);
            assertEquals(-Errno.ECONNREFUSED, client.failure);
        });
    }

    @Test
    void shouldResetThePeerWhenTheOtherEndClosesWithUnreadBytes() {
        SimWorld.run(1, 50, world -> {
            Pair pair = connect(world, 30_000, 0);
            world.on(world.reactor(0), () -> {});
            StreamSocket deaf = pair.server.socket;
            world.on(world.reactor(0), deaf::unwatch);
            world.until(() -> pair.client.sent > 0);
            world.runFor(10);
            world.on(world.reactor(0), deaf::close);
            world.until(() -> pair.client.isDone() || pair.client.inputEnded);
            world.runFor(1000);
            assertTrue(pair.client.failure != 0 || pair.server.received.size() == 30_000);
        });
    }

    @Test
    void shouldRefuseToListenWhenThePortIsInUse() {
        SimWorld.run(1, 1, world -> {
            ServerSocket first = world.environment().network().listen("127.0.0.1", 4420, 1);
            StorageException refused = assertThrows(
                StorageException.class, () -> world.environment().network().listen("0.0.0.0", 4420, 1));
            assertEquals(-Errno.EADDRINUSE, refused.code());
            first.close();
            world.environment().network().listen("0.0.0.0", 4420, 1).close();
        });
    }

    @Test
    void shouldLoseNothingWhenTheNetworkStandsStillForAWhile() {
        SimWorld.run(1, 50, world -> {
            Pair pair = connect(world, 20_000, 20_000);
            world.environment().network().standStill(true);
            world.runFor(60_000);
            assertTrue(!pair.client.isDone());
            world.environment().network().standStill(false);
            world.until(() -> pair.client.isDone() && pair.server.isDone());
            assertArrayEquals(pair.client.toSend, pair.server.received.toByteArray());
        });
    }
}
