import dev.karst.nvmf.testkit.ConnectedHost;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * What management calls cost a host: the longest of its reads while nobody calls, and while another thread makes so many calls a
 * second, in turn. Arguments: port of the target, its RPC socket, rounds, calls a second.
 */
final class RpcStall {
    private static final String SUBSYSTEM = "nqn.2026-11.dev.karst:stack";
    private static final String HOST = "nqn.2026-11.dev.karst:bench";
    private static final long PART_NANOS = 10_000_000_000L;
    private static final double LIMIT_MS = 20;

    /** Those that answer much, and a change that is kept. */
    private static final List<String> CALLS = List.of(
        call("bdev_get_bdevs", "{}"),
        call("nvmf_get_subsystems", "{}"),
        call("rpc_get_methods", "{}"),
        call("framework_get_config", "{\"name\": \"nvmf\"}"),
        call("bdev_null_create", "{\"name\": \"Stall\", \"num_blocks\": 1024, \"block_size\": 512}"),
        call("bdev_get_iostat", "{}"),
        call("bdev_null_delete", "{\"name\": \"Stall\"}"));

    private static volatile boolean isCalling;
    private static volatile long called;

    private static String call(String method, String parameters) {
        return "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"%s\", \"params\": %s}".formatted(method, parameters);
    }

    public static void main(String[] arguments) throws Exception {
        int rounds = Integer.parseInt(arguments[2]);
        double[] alone = new double[rounds];
        double[] beside = new double[rounds];
        double[] added = new double[rounds];
        try (ConnectedHost host = new ConnectedHost(Integer.parseInt(arguments[0]), SUBSYSTEM, HOST)) {
            NvmeTcpHost io = host.io();
            Thread caller = new Thread(() -> callAlways(Path.of(arguments[1]), Integer.parseInt(arguments[3])), "caller");
            caller.setDaemon(true);
            caller.start();
            longest(io, true);
            for (int i = 0; i < rounds; i++) {
                boolean isAloneFirst = i % 2 == 0;
                double first = longest(io, !isAloneFirst);
                double second = longest(io, isAloneFirst);
                alone[i] = isAloneFirst ? first : second;
                beside[i] = isAloneFirst ? second : first;
                added[i] = beside[i] - alone[i];
            }
        }
        Arrays.sort(added);
        System.out.printf("longest read in 10 s, in ms: alone median %.1f, highest %.1f; with calls median %.1f, highest %.1f;"
            + " added median %.1f (of %d rounds %.1f to %.1f); %d calls%n", median(alone), highest(alone), median(beside), highest(beside),
            median(added), rounds, added[0], added[rounds - 1], called);
        System.exit(median(added) < LIMIT_MS ? 0 : 1);
    }

    private static double longest(NvmeTcpHost io, boolean withCalls) throws IOException {
        isCalling = withCalls;
        long longest = 0;
        long end = System.nanoTime() + PART_NANOS;
        for (long before = System.nanoTime(), after; before < end; before = after) {
            ConnectedHost.good(io.read(1, 0, 1, 512));
            after = System.nanoTime();
            longest = Math.max(longest, after - before);
        }
        isCalling = false;
        return longest / 1e6;
    }

    private static void callAlways(Path socket, int perSecond) {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            while (true) {
                LockSupport.parkNanos(1_000_000_000L / perSecond);
                if (isCalling) {
                    String answer = answer(channel, CALLS.get((int) (called % CALLS.size())), buffer);
                    if (!answer.contains("\"result\"")) {
                        throw new IOException(answer);
                    }
                    called++;
                }
            }
        } catch (IOException e) {
            e.printStackTrace();
            System.exit(2);
        }
    }

    /** An answer ends where its braces are even; no text in these has a brace. */
    private static String answer(SocketChannel channel, String call, ByteBuffer buffer) throws IOException {
        channel.write(ByteBuffer.wrap(call.getBytes(StandardCharsets.UTF_8)));
        buffer.clear();
        int depth = 0;
        int seen = 0;
        do {
            if (channel.read(buffer) < 0) {
                throw new IOException("the target closed the RPC socket");
            }
            for (; seen < buffer.position(); seen++) {
                depth += buffer.get(seen) == '{' ? 1 : buffer.get(seen) == '}' ? -1 : 0;
            }
        } while (depth != 0 || seen == 0);
        return new String(buffer.array(), 0, seen, StandardCharsets.UTF_8);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static double highest(double[] values) {
        return Arrays.stream(values).max().orElseThrow();
    }
}
