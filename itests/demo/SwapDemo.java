import dev.karst.nvmf.testkit.ConnectedHost;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Hosts write and read back blocks of a disk while its module is replaced every second. One line shows how that goes. Ends with
 * status 1 if anything went wrong. Arguments: the target's port, its RPC socket, the module, seconds.
 */
final class SwapDemo {
    private static final String SUBSYSTEM = "nqn.2026-11.dev.karst:stack";
    private static final String HOST = "nqn.2026-11.dev.karst:demo";
    private static final int HOSTS = 2;
    private static final int BLOCK = 512;
    private static final int BLOCKS = 8;
    private static final int AREA = 8192;

    private static final AtomicLong DONE = new AtomicLong();
    private static final AtomicLong ERRORS = new AtomicLong();
    /** The longest I/O since the line was written, in nanoseconds. */
    private static final AtomicLong LONGEST = new AtomicLong();
    private static volatile boolean ends;

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        List<Thread> hosts = new ArrayList<>();
        for (int i = 0; i < HOSTS; i++) {
            int area = i * AREA;
            hosts.add(Thread.ofPlatform().name("host-" + i).start(() -> work(port, area)));
        }
        List<Double> longest = new ArrayList<>();
        try (SocketChannel rpc = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            rpc.connect(UnixDomainSocketAddress.of(Path.of(arguments[1])));
            int seconds = Integer.parseInt(arguments[3]);
            while (longest.size() < seconds && ERRORS.get() == 0) {
                long before = DONE.get();
                long start = System.nanoTime();
                swap(rpc, arguments[2]);
                TimeUnit.NANOSECONDS.sleep(1_000_000_000 - (System.nanoTime() - start));
                double elapsed = (System.nanoTime() - start) / 1e9;
                longest.add(LONGEST.getAndSet(0) / 1e6);
                System.out.printf("\r%3d swaps   %,9.0f I/Os a second   %d errors   longest I/O %4.1f ms now, %4.1f ms of all ", longest.size(),
                    (DONE.get() - before) / elapsed, ERRORS.get(), longest.getLast(), Collections.max(longest));
            }
        }
        ends = true;
        for (Thread host : hosts) {
            host.join();
        }
        Collections.sort(longest);
        System.out.printf("%n%,d I/Os over %d connections, %d errors; the longest I/O of each second: median %.1f ms, 99 of 100 below %.1f ms%n",
            DONE.get(), HOSTS, ERRORS.get(), longest.get(longest.size() / 2), longest.get((longest.size() * 99 - 1) / 100));
        System.exit(ERRORS.get() == 0 ? 0 : 1);
    }

    /** One after the other, over one connection. */
    private static void work(int port, int area) {
        try (ConnectedHost host = new ConnectedHost(port, SUBSYSTEM, HOST)) {
            NvmeTcpHost io = host.io();
            byte[] data = new byte[BLOCK * BLOCKS];
            for (int round = 0; !ends; round++) {
                Arrays.fill(data, (byte) round);
                int block = area + round % (AREA / BLOCKS) * BLOCKS;
                long start = System.nanoTime();
                ConnectedHost.good(io.write(1, block, BLOCKS, data, true));
                long written = System.nanoTime();
                NvmeTcpHost.Completion read = io.read(1, block, BLOCKS, data.length);
                long longest = Math.max(written - start, System.nanoTime() - written);
                ConnectedHost.good(read);
                if (!Arrays.equals(data, read.data())) {
                    throw new IOException("block " + block + " has other data than was written");
                }
                LONGEST.accumulateAndGet(longest, Math::max);
                DONE.addAndGet(2);
            }
        } catch (IOException e) {
            ERRORS.incrementAndGet();
            System.err.println("\n" + Thread.currentThread().getName() + ": " + e);
        }
    }

    private static void swap(SocketChannel rpc, String module) throws IOException {
        String call = "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"karst_module_swap\", \"params\": {\"name\": \"%s\"}}".formatted(module);
        rpc.write(ByteBuffer.wrap(call.getBytes(StandardCharsets.US_ASCII)));
        ByteBuffer answer = ByteBuffer.allocate(1 << 16);
        int length = rpc.read(answer);
        String text = new String(answer.array(), 0, Math.max(0, length), StandardCharsets.UTF_8);
        if (!text.contains("\"result\"")) {
            throw new IOException(text);
        }
    }
}
