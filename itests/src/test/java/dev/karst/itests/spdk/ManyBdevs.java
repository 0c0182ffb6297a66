package dev.karst.itests.spdk;

import dev.karst.rpc.json.Json;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * A program that makes so many block devices, has a client list them all, and prints how many bytes it got: {@code ManyBdevs
 * FOLDER COUNT}. It runs in a JVM with little memory.
 */
final class ManyBdevs {
    private static final int BLOCK = 64 << 10;

    private ManyBdevs() {}

    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[1]);
        // To remove them all again would need more memory; the process ends instead.
        ServedSocket target = new ServedSocket(Path.of(arguments[0], "rpc.sock"));
        create(target, count);
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        System.out.println("devices " + (runtime.totalMemory() - runtime.freeMemory()));
        System.out.println("listed " + list(target.path));
        System.exit(0);
    }

    private static void create(ServedSocket target, int count) throws Exception {
        try (ServedSocket.Connection connection = target.connect()) {
            for (int i = 0; i < count; i++) {
                connection.send(Json.text(Map.of("jsonrpc", "2.0", "id", 1L, "method", "bdev_null_create",
                    "params", Map.of("name", "null" + i, "num_blocks", 8L, "block_size", 512L))));
                if (!connection.receive().containsKey("result")) {
                    throw new IllegalStateException("device " + i + " cannot be made");
                }
            }
        }
    }

    /** Bytes of the answer, whose end is a line's. */
    private static long list(Path socket) throws Exception {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            String request = Json.text(Map.of("jsonrpc", "2.0", "id", 1L, "method", "bdev_get_bdevs"));
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            InputStream in = Channels.newInputStream(channel);
            byte[] block = new byte[BLOCK];
            long bytes = 0;
            int count = in.read(block);
            while (block[count - 1] != '\n') {
                bytes += count;
                count = in.read(block);
            }
            return bytes + count;
        }
    }
}
