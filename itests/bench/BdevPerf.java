import dev.karst.base.Status;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.lvol.LvolModule;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.nullblk.NullModule;
import java.lang.management.ManagementFactory;
import java.util.Map;

/**
 * Random I/O on one block device from one reactor, as SPDK's bdevperf does it: so many I/Os in flight, each submitted again
 * when it ends; nobody looks at what was read. Writes all of
 * the device, warms up for as long as it measures, then prints the I/Os per second. Arguments: null, malloc or
 * thick (a logical volume on malloc), randread or randwrite, depth, bytes, seconds.
 */
final class BdevPerf {
    private static final long MALLOC_BYTES = 256L << 20;
    private static final long NULL_BYTES = 1L << 30;

    /** What the reactor's thread had done at a time. */
    private record Sample(long ended, long nanos, long processorNanos) {}

    private static final class Io extends BdevIo {
        private final BdevPerf perf;

        Io(BdevPerf perf, IoType type, long address, int bytes) {
            super(1);
            this.perf = perf;
            this.type = type;
            takesZeros = true;
            blocks = bytes / BdevSetup.BLOCK;
            data.set(address, bytes);
        }

        void go() {
            offsetBlocks = perf.place() * blocks;
            int status = perf.channel.submit(this);
            if (status != Status.OK) {
                throw new IllegalStateException("refused: " + Status.text(status));
            }
        }

        @Override
        protected void ended(int status) {
            if (status != Status.OK) {
                throw new IllegalStateException("failed: " + Status.text(status));
            }
            perf.ended++;
            if (perf.running) {
                go();
            }
        }
    }

    private final BdevChannel channel;
    private final long places;
    private long state = 0x9E3779B97F4A7C15L;
    private long ended;
    private volatile boolean running = true;

    private BdevPerf(BdevChannel channel, long places) {
        this.channel = channel;
        this.places = places;
    }

    /** A random place; the number of places is a power of two. */
    private long place() {
        state ^= state << 13;
        state ^= state >>> 7;
        state ^= state << 17;
        return state & places - 1;
    }

    public static void main(String[] arguments) throws Exception {
        IoType type = arguments[1].equals("randread") ? IoType.READ : IoType.WRITE;
        int depth = Integer.parseInt(arguments[2]);
        int bytes = Integer.parseInt(arguments[3]);
        long millis = Long.parseLong(arguments[4]) * 1000;

        var setup = new BdevSetup();
        long size = arguments[0].equals("null") ? NULL_BYTES : MALLOC_BYTES;
        BdevSetup.Opened bdev = setup.open(make(setup, arguments[0]));
        Writes.fill(setup, bdev, size);
        BdevPerf perf = new BdevPerf(bdev.channel(), size / bytes);
        long memory = setup.allocate((long) depth * bytes);
        setup.reactor.execute(() -> {
            for (int i = 0; i < depth; i++) {
                new Io(perf, type, memory + (long) i * bytes, bytes).go();
            }
        });
        Thread.sleep(millis);
        Sample before = perf.sample(setup);
        Thread.sleep(millis);
        Sample after = perf.sample(setup);
        long count = after.ended - before.ended;
        System.out.printf("%.1f ns of processor time per I/O; I/Os per second: %.0f%n",
            (double) (after.processorNanos - before.processorNanos) / count, count * 1e9 / (after.nanos - before.nanos));
        System.exit(0);
    }

    /** Makes the device; its name. */
    private static String make(BdevSetup setup, String kind) throws Exception {
        boolean isNull = kind.equals("null");
        BdevModule base = setup.add(isNull ? new NullModule() : new MallocModule());
        boolean isVolume = kind.equals("thick");
        long bytes = isNull ? NULL_BYTES : isVolume ? 2 * MALLOC_BYTES : MALLOC_BYTES;
        setup.call(base, isNull ? "bdev_null_create" : "bdev_malloc_create",
            Map.of("name", "disk", "num_blocks", bytes / BdevSetup.BLOCK, "block_size", (long) BdevSetup.BLOCK));
        if (!isVolume) {
            return "disk";
        }
        BdevModule volumes = setup.add(new LvolModule());
        setup.call(volumes, "bdev_lvol_create_lvstore", Map.of("bdev_name", "disk", "lvs_name", "lvs0", "clear_method", "none"));
        setup.call(volumes, "bdev_lvol_create", Map.of("lvs_name", "lvs0", "lvol_name", "thick", "size_in_mib", MALLOC_BYTES >> 20,
            "clear_method", "none"));
        return "lvs0/thick";
    }

    private Sample sample(BdevSetup setup) {
        return setup.on(() -> new Sample(ended, System.nanoTime(), ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime()));
    }
}
