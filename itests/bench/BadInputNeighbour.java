import dev.karst.nvmf.testkit.BadInputPlayer;
import dev.karst.nvmf.testkit.BadInputs;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.nvmf.testkit.SocketWire;
import dev.karst.nvmf.testkit.Venue;
import dev.karst.nvmf.testkit.Wire;
import java.io.IOException;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a host that does verified I/O feels of a neighbour that sends bad input: its 99th percentile alone and under each
 * family of rows, in turn. Arguments: port of the target, its RPC socket, pairs, families (all when none is named).
 */
final class BadInputNeighbour {
    private static final String SUBSYSTEM = "nqn.2026-11.dev.karst:stack";
    private static final String HOST = "nqn.2026-11.dev.karst:neighbour";
    private static final long HALF_NANOS = Long.getLong("bench.half.ms", 2000) * 1_000_000;
    private static final long WARM_UP_NANOS = 5_000_000_000L;
    private static final int BLOCKS = 8;
    private static final int BYTES = BLOCKS * 512;
    private static final int PLACES = 64;
    private static final double LIMIT = 2;

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
        int pairs = Integer.parseInt(arguments[2]);
        List<String> families = List.of(arguments).subList(3, arguments.length);
        boolean isWithin = true;
        try (NvmeTcpHost admin = host(port); NvmeTcpHost io = host(port)) {
            expect(admin.connect(SUBSYSTEM, HOST, 0, 32));
            admin.enable();
            io.controllerId(admin.controllerId());
            expect(io.connect(SUBSYSTEM, HOST, 1, 32));
            measure(io, WARM_UP_NANOS);
            for (String family : families.isEmpty() ? FAMILIES.keySet() : families) {
                isWithin &= compare(io, family, () -> new Attack(port, socket, rows(family)), pairs);
            }
        }
        System.exit(isWithin ? 0 : 1);
    }

    private static NvmeTcpHost host(int port) throws IOException {
        NvmeTcpHost host = new NvmeTcpHost(new SocketWire("127.0.0.1", port));
        host.initialize(false, false);
        return host;
    }

    private static List<BadInputs.Case> rows(String family) {
        return Arrays.stream(FAMILIES.get(family)).mapToObj(row -> BadInputs.of("N-%02d".formatted(row)))
            .flatMap(List::stream).toList();
    }

    /** Something that is begun anew for each pair. */
    private interface Beginning {
        Attack begin();
    }

    /** Measures alone and under attack in turn; every other pair begins with the attack. */
    private static boolean compare(NvmeTcpHost io, String family, Beginning beginning, int pairs) throws Exception {
        double[] alone = new double[pairs];
        double[] attacked = new double[pairs];
        double[] ratios = new double[pairs];
        int played = 0;
        underAttack(io, beginning.begin());
        for (int i = 0; i < pairs; i++) {
            Attack attack = beginning.begin();
            if (i % 2 == 0) {
                alone[i] = p99(measure(io, HALF_NANOS));
                attacked[i] = underAttack(io, attack);
            } else {
                attacked[i] = underAttack(io, attack);
                alone[i] = p99(measure(io, HALF_NANOS));
            }
            ratios[i] = attacked[i] / alone[i];
            played += attack.played.get();
            attack.wrong.stream().findFirst().ifPresent(System.err::println);
        }
        double ratio = median(attacked) / median(alone);
        double[] sorted = ratios.clone();
        Arrays.sort(sorted);
        System.out.printf("%-12s p99 in us: alone %.0f, attacked %.0f, ratio of medians %.2f; of %d pairs median %.2f (lowest %.2f,"
            + " highest %.2f); %d cases%n", family, median(alone), median(attacked), ratio, pairs, median(ratios), sorted[0],
            sorted[pairs - 1], played);
        return ratio < LIMIT;
    }

    private static double underAttack(NvmeTcpHost io, Attack attack) throws Exception {
        attack.start();
        try {
            return p99(measure(io, HALF_NANOS));
        } finally {
            attack.stop();
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
            expect(io.write(1, place, BLOCKS, data, true));
            long between = System.nanoTime();
            NvmeTcpHost.Completion read = io.read(1, place, BLOCKS, BYTES);
            expect(read);
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

    private static void expect(NvmeTcpHost.Completion completion) {
        if (completion.status() != 0) {
            throw new IllegalStateException("a command of the neighbour ended with status %x".formatted(completion.status()));
        }
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
    private static final class Attack implements Venue {
        final AtomicInteger played = new AtomicInteger();
        final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
        private final int port;
        private final Path socket;
        private final List<Thread> threads = new ArrayList<>();
        private final ConcurrentLinkedQueue<SocketWire> wires = new ConcurrentLinkedQueue<>();
        private final CountDownLatch stopped = new CountDownLatch(1);

        Attack(int port, Path socket, List<BadInputs.Case> cases) {
            this.port = port;
            this.socket = socket;
            List<BadInputs.Case> quick = cases.stream().filter(bad -> !bad.isSlow()).toList();
            Stream<List<BadInputs.Case>> slow = cases.stream().filter(BadInputs.Case::isSlow).map(List::of);
            Stream.concat(quick.isEmpty() ? Stream.of() : Stream.of(quick), slow)
                .forEach(some -> threads.add(new Thread(() -> play(some), "attack")));
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
                    throw new IOException("the attack is over");
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
