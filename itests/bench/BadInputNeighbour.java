import dev.karst.nvmf.testkit.BadInputPlayer;
import dev.karst.nvmf.testkit.BadInputs;
import dev.karst.nvmf.testkit.ConnectedHost;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.nvmf.testkit.SocketWire;
import dev.karst.nvmf.testkit.Venue;
import dev.karst.nvmf.testkit.Wire;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a host that does verified I/O feels of a neighbour that sends bad input: its 99th percentile alone, beside a neighbour that
 * connects, reads, writes and goes as one should, over and over, and under each family of rows, in turn. Arguments: port of the
 * target, its RPC socket, rounds, families (all when none is named). The other host is a process of its own with the processor time
 * that nobody else wants: what is measured is what the target does to the neighbour, not what two clients do to each other.
 */
final class BadInputNeighbour {
    private static final String SUBSYSTEM = "nqn.2026-11.dev.karst:stack";
    private static final String HOST = "nqn.2026-11.dev.karst:neighbour";
    private static final long PART_NANOS = Long.getLong("bench.part.ms", 2000) * 1_000_000;
    private static final long WARM_UP_NANOS = 5_000_000_000L;
    private static final int BLOCKS = 8;
    private static final int BYTES = BLOCKS * 512;
    private static final int PLACES = 64;
    private static final double LIMIT = 2;
    private static final String OTHER_HOST = "other-host";
    private static final BadInputs.Case GOOD = new BadInputs.Case("good", "a host as it should be",
        List.of("do admin", "use io", "do io qid=1", "do command opcode=1 slba=20000 nlb=7 data=4096",
            "do command opcode=2 slba=20000 nlb=7 length=4096", "expect alive"));

    /** Rows by what they try. */
    private static final Map<String, int[]> FAMILIES = new LinkedHashMap<>();

    static {
        FAMILIES.put("pdus", new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 19});
        FAMILIES.put("connects", new int[] {20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30});
        FAMILIES.put("data", new int[] {31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44});
        FAMILIES.put("commands", new int[] {45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 63, 70});
        FAMILIES.put("reservations", new int[] {62, 64});
        FAMILIES.put("life", new int[] {66, 67});
        FAMILIES.put("discovery", new int[] {68});
        FAMILIES.put("storm", new int[] {69});
        FAMILIES.put("waiting", new int[] {15, 16, 17, 18, 65});
    }

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        Path socket = Path.of(arguments[1]);
        if (arguments[2].equals(OTHER_HOST)) {
            play(port, socket, arguments[3]);
            return;
        }
        int rounds = Integer.parseInt(arguments[2]);
        List<String> families = List.of(arguments).subList(3, arguments.length);
        boolean isWithin = true;
        try (ConnectedHost host = new ConnectedHost(port, SUBSYSTEM, HOST)) {
            NvmeTcpHost io = host.io();
            measure(io, WARM_UP_NANOS);
            for (String family : families.isEmpty() ? FAMILIES.keySet() : families) {
                try (OtherHost other = new OtherHost(arguments[0], arguments[1], family)) {
                    isWithin &= compare(io, family, other, rounds);
                }
            }
        }
        System.exit(isWithin ? 0 : 1);
    }

    private static List<BadInputs.Case> rows(String family) {
        return Arrays.stream(FAMILIES.get(family)).mapToObj(row -> BadInputs.of("N-%02d".formatted(row)))
            .flatMap(List::stream).toList();
    }

    /** Who else is there. */
    private enum Company { NONE, GOOD, BAD }

    /** The other host: each line it reads says who it is to be, or ends that, and is answered with a line. */
    private static void play(int port, Path socket, String family) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Player player = new Player(port, socket, Company.valueOf(line) == Company.GOOD ? List.of(GOOD) : rows(family));
            player.start();
            System.out.println("begun");
            if (lines.readLine() == null) {
                return;
            }
            player.stop();
            player.wrong.stream().findFirst().ifPresent(System.err::println);
            System.out.println(Company.valueOf(line) == Company.GOOD ? 0 : player.played.get());
        }
    }

    /** This side of that process. */
    private static final class OtherHost implements AutoCloseable {
        private final Process process;
        private final BufferedReader answers;
        int played;

        OtherHost(String port, String socket, String family) throws IOException {
            process = new ProcessBuilder("chrt", "--idle", "0", Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), System.getProperty("bench.source"), port, socket,
                OTHER_HOST, family).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            answers = process.inputReader(StandardCharsets.UTF_8);
        }

        void start(Company company) throws IOException {
            ask(company.name());
        }

        void stop() throws IOException {
            played += Integer.parseInt(ask(""));
        }

        private String ask(String line) throws IOException {
            process.outputWriter(StandardCharsets.UTF_8).write(line + "\n");
            process.outputWriter(StandardCharsets.UTF_8).flush();
            String answer = answers.readLine();
            if (answer == null) {
                throw new IOException("the process of the other host ended");
            }
            return answer;
        }

        @Override
        public void close() throws IOException {
            process.outputWriter(StandardCharsets.UTF_8).close();
            answers.close();
        }
    }

    /** Measures alone, beside a good host and under attack in turn; each round begins with another. */
    private static boolean compare(NvmeTcpHost io, String family, OtherHost other, int rounds) throws Exception {
        double[][] p99 = new double[Company.values().length][rounds];
        double[] ratios = new double[rounds];
        for (Company company : Company.values()) {
            beside(io, other, company, WARM_UP_NANOS);
        }
        other.played = 0;
        for (int i = 0; i < rounds; i++) {
            for (int j = 0; j < p99.length; j++) {
                int kind = (i + j) % p99.length;
                p99[kind][i] = beside(io, other, Company.values()[kind], PART_NANOS);
            }
            ratios[i] = p99[Company.BAD.ordinal()][i] / p99[Company.GOOD.ordinal()][i];
        }
        Arrays.sort(ratios);
        double bad = median(p99[Company.BAD.ordinal()]);
        double good = median(p99[Company.GOOD.ordinal()]);
        double alone = median(p99[Company.NONE.ordinal()]);
        System.out.printf("%-12s p99 in us: alone %.0f, beside a good host %.0f, attacked %.0f; attacked to good %.2f (of %d rounds %.2f"
            + " to %.2f), attacked to alone %.2f; %d cases%n", family, alone, good, bad, bad / good, rounds, ratios[0],
            ratios[rounds - 1], bad / alone, other.played);
        return bad / good < LIMIT;
    }

    private static double beside(NvmeTcpHost io, OtherHost other, Company company, long nanos) throws Exception {
        if (company == Company.NONE) {
            return p99(measure(io, nanos));
        }
        other.start(company);
        try {
            return p99(measure(io, nanos));
        } finally {
            other.stop();
        }
    }

    /** Writes and reads back for so long; gives the time that each took. */
    private static long[] measure(NvmeTcpHost io, long nanos) throws IOException {
        Random random = new Random(1);
        byte[] data = new byte[BYTES];
        long[] times = new long[1024];
        int count = 0;
        long end = System.nanoTime() + nanos;
        for (long now = System.nanoTime(); now < end; now = System.nanoTime()) {
            random.nextBytes(data);
            long place = random.nextInt(PLACES) * (long) BLOCKS;
            ConnectedHost.good(io.write(1, place, BLOCKS, data, true));
            long between = System.nanoTime();
            NvmeTcpHost.Completion read = io.read(1, place, BLOCKS, BYTES);
            ConnectedHost.good(read);
            if (!Arrays.equals(data, read.data())) {
                throw new IllegalStateException("the neighbour read other data than it wrote");
            }
            if (count + 2 > times.length) {
                times = Arrays.copyOf(times, times.length * 2);
            }
            times[count++] = between - now;
            times[count++] = System.nanoTime() - between;
        }
        return Arrays.copyOf(times, count);
    }

    private static double p99(long[] nanos) {
        Arrays.sort(nanos);
        return nanos[(int) (nanos.length * 0.99)] / 1e3;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** Plays cases until it is stopped: quick ones over and over, those that mostly wait at the same time. */
    private static final class Player implements Venue {
        final AtomicInteger played = new AtomicInteger();
        final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
        private final int port;
        private final Path socket;
        private final List<Thread> threads = new ArrayList<>();
        private final ConcurrentLinkedQueue<SocketWire> wires = new ConcurrentLinkedQueue<>();
        private final CountDownLatch stopped = new CountDownLatch(1);

        Player(int port, Path socket, List<BadInputs.Case> cases) {
            this.port = port;
            this.socket = socket;
            List<BadInputs.Case> quick = cases.stream().filter(bad -> !bad.isSlow()).toList();
            Stream<List<BadInputs.Case>> slow = cases.stream().filter(BadInputs.Case::isSlow).map(List::of);
            Stream.concat(quick.isEmpty() ? Stream.of() : Stream.of(quick), slow)
                .forEach(some -> threads.add(new Thread(() -> play(some), "other-host")));
        }

        void start() {
            threads.forEach(Thread::start);
        }

        void stop() throws Exception {
            stopped.countDown();
            for (SocketWire wire : wires) {
                wire.close();
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }

        private boolean isStopped() {
            return stopped.getCount() == 0;
        }

        private void play(List<BadInputs.Case> cases) {
            while (true) {
                for (BadInputs.Case bad : cases) {
                    if (isStopped()) {
                        return;
                    }
                    played.incrementAndGet();
                    try {
                        new BadInputPlayer(this, SUBSYSTEM).play(bad);
                    } catch (IOException | AssertionError e) {
                        if (!isStopped()) {
                            wrong.add(e.getMessage());
                        }
                    }
                }
            }
        }

        @Override
        public Wire connect() throws IOException {
            SocketWire wire = new SocketWire("127.0.0.1", port);
            wires.removeIf(SocketWire::isClosed);
            wires.add(wire);
            if (isStopped()) {
                wire.close();
            }
            return wire;
        }

        @Override
        public void pass(long millis) throws IOException {
            try {
                if (stopped.await(millis, TimeUnit.MILLISECONDS)) {
                    throw new IOException("it is over");
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        @Override
        public Path newFile() {
            return socket.resolveSibling("reservations-" + UUID.randomUUID());
        }

        @Override
        public void call(String method, Map<String, Object> parameters) throws IOException {
            String request = "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"%s\", \"params\": %s}"
                .formatted(method, json(parameters));
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
                String answer = answer(channel);
                if (answer.contains("\"error\"")) {
                    throw new IOException(method + ": " + answer);
                }
            }
        }

        /** These methods answer with one value and no text that could hold a brace. */
        private static String answer(SocketChannel channel) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
            String text = "";
            do {
                if (channel.read(buffer) < 0) {
                    throw new IOException("the target closed the RPC socket");
                }
                text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
            } while (text.isEmpty() || text.chars().filter(c -> c == '{').count() != text.chars().filter(c -> c == '}').count());
            return text;
        }

        private static String json(Object value) {
            return switch (value) {
                case Map<?, ?> map -> map.entrySet().stream().map(each -> "\"" + each.getKey() + "\": " + json(each.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
                case String text -> "\"" + text + "\"";
                default -> String.valueOf(value);
            };
        }
    }
}
