package dev.karst.nvmf.testkit;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Region;
import dev.karst.env.StreamSocket;
import dev.karst.reactor.sim.SimWorld;
import java.io.IOException;

/** The test's end of a simulated connection; waiting steps the world. */
public final class SimWire implements Wire {
    private static final int BYTES = 256 * 1024;

    private final SimWorld world;
    private final StreamSocket socket;
    private final Region region;
    private final IoVector vector = new IoVector(1);

    /** Connects. */
    public SimWire(SimWorld world, int port) throws StorageException {
        this.world = world;
        socket = world.environment().network().connect("127.0.0.1", port);
        region = world.environment().memory().allocate("test wire", BYTES);
    }

    /** The socket itself. */
    public StreamSocket socket() {
        return socket;
    }

    @Override
    public void send(byte[] bytes) throws IOException {
        assert bytes.length <= BYTES;
        Mem.put(region.address(), bytes, 0, bytes.length);
        vector.set(region.address(), bytes.length);
        long[] sent = {0};
        world.until(() -> {
            int count = socket.write(vector, sent[0]);
            if (count == StreamSocket.AGAIN) {
                return false;
            }
            sent[0] = count < 0 ? -1 : sent[0] + count;
            return sent[0] < 0 || sent[0] == bytes.length;
        });
        if (sent[0] < 0) {
            throw new IOException("the connection broke");
        }
    }

    @Override
    public int receive(byte[] target, int offset, int length, int timeoutMs) throws IOException {
        long deadline = world.clock().nanos() + timeoutMs * 1_000_000L;
        int[] count = {StreamSocket.AGAIN};
        world.until(() -> {
            count[0] = socket.read(region.address(), Math.min(length, BYTES));
            return count[0] != StreamSocket.AGAIN || world.clock().nanos() > deadline;
        });
        if (count[0] == StreamSocket.AGAIN) {
            throw new IOException("nothing came in " + timeoutMs + " ms");
        }
        if (count[0] <= 0) {
            return -1;
        }
        Mem.get(region.address(), target, offset, count[0]);
        return count[0];
    }

    @Override
    public void close() {
        socket.close();
        world.environment().memory().free(region);
    }
}
