package dev.karst.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.env.EventSet;
import dev.karst.env.Readiness;
import dev.karst.env.Region;
import dev.karst.env.StreamSocket;
import dev.karst.reactor.sim.SimWorld;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SendQueueTest {
    private static final int PIECES = 300;

    /** Takes so many bytes a call, then none until it is asked again. */
    private static final class Narrow extends StreamSocket {
        final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        private final int most;
        private boolean full;

        Narrow(int most) {
            this.most = most;
        }

        @Override
        public int write(IoVector data, long offset) {
            full = !full;
            if (!full) {
                return AGAIN;
            }
            byte[] all = new byte[(int) data.bytes()];
            int end = 0;
            for (int i = 0; i < data.count(); i++) {
                Mem.get(data.address(i), all, end, data.length(i));
                end += data.length(i);
            }
            int count = Math.min(most, end - (int) offset);
            taken.write(all, (int) offset, count);
            return count;
        }

        @Override
        public int read(long address, int length) {
            return AGAIN;
        }

        @Override
        public void watch(EventSet events, Readiness readiness) {}

        @Override
        public void unwatch() {}

        @Override
        public String peer() {
            return "peer";
        }

        @Override
        public String local() {
            return "local";
        }

        @Override
        public void shutdownOutput() {}

        @Override
        public void shutdown() {}

        @Override
        public void close() {}
    }

    @Test
    void shouldSendAllInOrderAndTellOwnersWhenTheSocketTakesLittle() throws Exception {
        try (SimWorld world = new SimWorld(1, 1)) {
            List<Integer> sent = new ArrayList<>();
            SendQueue<Integer> queue = new SendQueue<>() {
                @Override
                protected void sent(Integer owner) {
                    sent.add(owner);
                }
            };
            Region region = world.environment().memory().allocate("test", 4096);
            byte[] expected = fill(region, queue);
            assertEquals(expected.length, queue.added());
            Narrow socket = new Narrow(7);
            while (queue.flush(socket) == StreamSocket.AGAIN) {
                byte[] unsent = queue.unsent();
                assertEquals(expected.length - queue.total(), unsent.length);
                assertEquals(expected[(int) queue.total()], unsent[0]);
            }
            assertTrue(queue.isEmpty());
            assertArrayEquals(expected, socket.taken.toByteArray());
            List<Integer> owners = new ArrayList<>();
            for (int i = 0; i < PIECES; i += 3) {
                owners.add(i);
            }
            assertEquals(owners, sent);
        }
    }

    /** Pieces of different lengths, every third with an owner. */
    private static byte[] fill(Region region, SendQueue<Integer> queue) {
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        for (int i = 0; i < PIECES; i++) {
            Mem.setByte(region.address() + i, (byte) i);
        }
        for (int i = 0; i < PIECES; i++) {
            int length = 1 + i % 5;
            queue.add(region.address() + i % 256, length, i % 3 == 0 ? i : null);
            for (int at = 0; at < length; at++) {
                expected.write(Mem.getByte(region.address() + i % 256 + at));
            }
        }
        return expected.toByteArray();
    }
}
