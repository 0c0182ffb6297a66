import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.nvmf.testkit.SocketWire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What many connected namespaces cost while nobody uses them, and how long the first I/O after a while of silence takes
 * against one of many in a row. Arguments: process id of the target, its port, number of subsystems, seconds of silence.
 * Each host sends a Keep Alive every 5 s, as Linux does.
 */
final class IdleNamespaces {
    private static final String HOST = "nqn.2026-11.dev.karst:bench";
    private static final int KEEP_ALIVE = 0x18;
    private static final int BUSY_READS = 5000;
    private static final int ROUNDS = 50;
    private static final long SILENCE_MS = 100;
    private static final long KEEP_ALIVE_MS = 5000;
    private static final double TICKS_PER_SECOND = 100;

    /** A controller with one I/O queue. */
    private record Connected(NvmeTcpHost admin, NvmeTcpHost io) {}

    public static void main(String[] arguments) throws Exception {
        Path statistics = Path.of("/proc", arguments[0], "stat");
        int port = Integer.parseInt(arguments[1]);
        List<Connected> all = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
            all.add(connect(port, "nqn.2026-11.dev.karst:idle" + i));
        }
        long[] busy = new long[BUSY_READS];
        for (int i = 0; i < BUSY_READS; i++) {
            busy[i] = read(all.getFirst());
        }
        long[] first = new long[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            Thread.sleep(SILENCE_MS);
            first[i] = read(all.get(i % all.size()));
        }
        long seconds = Long.parseLong(arguments[3]);
        long before = ticks(statistics);
        for (long passed = 0; passed < seconds * 1000; passed += KEEP_ALIVE_MS) {
            Thread.sleep(KEEP_ALIVE_MS);
            for (Connected each : all) {
                each.admin.execute(NvmeTcpHost.sqe(KEEP_ALIVE, 0, 0, false), new byte[0], false);
            }
        }
        double percent = 100 * (ticks(statistics) - before) / TICKS_PER_SECOND / seconds;
        System.out.printf("%d connected subsystems, idle for %d s: %.2f %% of a core%n", all.size(), seconds, percent);
        System.out.printf("read of 4 KiB, in us: busy median %.0f, p99 %.0f; first after %d ms median %.0f, highest of %d %.0f%n",
            micros(busy, 0.5), micros(busy, 0.99), SILENCE_MS, micros(first, 0.5), ROUNDS, micros(first, 1));
    }

    private static Connected connect(int port, String subsystem) throws IOException {
        NvmeTcpHost admin = host(port);
        expect(admin.connect(subsystem, HOST, 0, 32));
        admin.enable();
        NvmeTcpHost io = host(port);
        io.controllerId(admin.controllerId());
        expect(io.connect(subsystem, HOST, 1, 32));
        return new Connected(admin, io);
    }

    private static NvmeTcpHost host(int port) throws IOException {
        NvmeTcpHost host = new NvmeTcpHost(new SocketWire("127.0.0.1", port));
        host.initialize(false, false);
        return host;
    }

    private static long read(Connected connected) throws IOException {
        long start = System.nanoTime();
        expect(connected.io.read(1, 0, 1, 4096));
        return System.nanoTime() - start;
    }

    private static void expect(NvmeTcpHost.Completion completion) {
        if (completion.status() != 0) {
            throw new IllegalStateException(String.format("a command ended with status %x", completion.status()));
        }
    }

    private static double micros(long[] nanos, double quantile) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.min(sorted.length - 1, Math.round(quantile * sorted.length))] / 1e3;
    }

    /** Processor time of the process. proc_pid_stat(5), fields 14 and 15. */
    private static long ticks(Path statistics) throws IOException {
        String[] fields = Files.readString(statistics).replaceFirst(".*\\) ", "").split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
}
