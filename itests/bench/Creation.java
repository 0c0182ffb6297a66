import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;

/**
 * Creates malloc devices, as many subsystems, and a namespace in each, one call after the other, and prints the seconds that it
 * took, those of each kind to the standard error: {@code Creation NAME SOCKET COUNT}.
 */
public final class Creation {
    private static final int BUFFER = 64 << 10;

    private final SocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).limit(0);
    private int id;

    private Creation(SocketChannel channel) {
        this.channel = channel;
    }

    public static void main(String[] args) throws IOException {
        int count = Integer.parseInt(args[2]);
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(args[1]));
            Creation creation = new Creation(channel);
            creation.call("framework_wait_init", "{}");
            double devices = creation.seconds(count, "bdev_malloc_create",
                i -> "{\n    \"name\": \"m%d\",\n    \"num_blocks\": 128,\n    \"block_size\": 512\n  }".formatted(i));
            double subsystems = creation.seconds(count, "nvmf_create_subsystem",
                i -> "{\n    \"nqn\": \"%s\",\n    \"serial_number\": \"S%d\",\n    \"allow_any_host\": true\n  }"
                    .formatted(nqn(i), i));
            double namespaces = creation.seconds(count, "nvmf_subsystem_add_ns", i ->
                "{\n    \"nqn\": \"%s\",\n    \"namespace\": {\n      \"bdev_name\": \"m%d\"\n    }\n  }".formatted(nqn(i), i));
            System.err.printf("%s: devices %.2f, subsystems %.2f, namespaces %.2f s%n", args[0], devices, subsystems, namespaces);
            System.out.printf("%.3f%n", devices + subsystems + namespaces);
        }
    }

    private static String nqn(int number) {
        return "nqn.2026-11.dev.karst:bench" + number;
    }

    private double seconds(int count, String method, IntFunction<String> parameters) throws IOException {
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            call(method, parameters.apply(i));
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private void call(String method, String parameters) throws IOException {
        String request = "{\n  \"jsonrpc\": \"2.0\",\n  \"method\": \"%s\",\n  \"id\": %d,\n  \"params\": %s\n}"
            .formatted(method, ++id, parameters);
        for (ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)); bytes.hasRemaining();) {
            channel.write(bytes);
        }
        String answer = answer();
        if (!answer.contains("\"result\"")) {
            throw new IOException(method + parameters + " gave " + answer);
        }
    }

    /** Up to where the braces are even; no string in these answers has one. */
    private String answer() throws IOException {
        StringBuilder answer = new StringBuilder();
        int depth = 0;
        do {
            char next = next();
            answer.append(next);
            depth += next == '{' ? 1 : next == '}' ? -1 : 0;
        } while (depth > 0 || answer.toString().isBlank());
        return answer.toString();
    }

    private char next() throws IOException {
        if (!buffer.hasRemaining()) {
            buffer.clear();
            if (channel.read(buffer) < 0) {
                throw new EOFException("the target is gone");
            }
            buffer.flip();
        }
        return (char) buffer.get();
    }
}
