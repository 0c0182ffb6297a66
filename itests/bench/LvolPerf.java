import dev.karst.bdev.lvol.LvolModule;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.bdev.module.BdevModule;
import java.util.Arrays;
import java.util.Map;

/**
 * What volumes in memory do besides reading and writing. Arguments: what, bytes in a cluster, depth.
 *
 * <p>{@code first} writes 4 KiB to each cluster of a thin volume, {@code cow} to each cluster of a thick one that has a snapshot. The same
 * on stores with small clusters and like this one go before, and 2,000 snapshots, to warm up. Stores are zeroed when they are made, for
 * memory that a device has given back comes back slowly. Prints the writes per second. {@code snapshot} writes at random, and takes 20
 * snapshots meanwhile, of which the one before is deleted; prints the longest write, in milliseconds, without and with them.
 */
final class LvolPerf {
    private static final long BASE_BYTES = 2L << 30;
    private static final long VOLUME_BYTES = 512L << 20;
    private static final int WARM_CLUSTER = 16 << 10;
    private static final long WARM_BYTES = 64L << 20;
    private static final int WARM_VOLUMES = 12;
    private static final int WARM_SNAPSHOTS = 2000;
    private static final int ALIKE_VOLUMES = 6;
    private static final long ALIKE_BYTES = 128L << 20;
    private static final int SNAPSHOTS = 20;
    private static final long PAUSE_MS = 100;

    private final BdevSetup setup = new BdevSetup();
    private final BdevModule disks = setup.add(new MallocModule());
    private final BdevModule volumes = setup.add(new LvolModule());
    private final int depth;

    private LvolPerf(int depth) throws Exception {
        this.depth = depth;
    }

    private void makeStore(String name, int cluster) throws Exception {
        String disk = "under-" + name;
        setup.call(disks, "bdev_malloc_create",
            Map.of("name", disk, "num_blocks", BASE_BYTES / BdevSetup.BLOCK, "block_size", (long) BdevSetup.BLOCK));
        BdevSetup.Opened opened = setup.open(disk);
        Writes.fill(setup, opened, BASE_BYTES);
        setup.close(opened);
        setup.call(volumes, "bdev_lvol_create_lvstore",
            Map.of("bdev_name", disk, "lvs_name", name, "cluster_sz", (long) cluster, "clear_method", "write_zeroes"));
    }

    /** Makes a volume; its name. */
    private String create(String store, int number, long bytes, boolean isThin) throws Exception {
        String name = "volume" + number;
        setup.call(volumes, "bdev_lvol_create", Map.of("lvs_name", store, "lvol_name", name, "size_in_mib", bytes >> 20,
            "thin_provision", isThin, "clear_method", "none"));
        return store + "/" + name;
    }

    /** Writes to each cluster of so many volumes once; how many a second. */
    private double firstWrites(String store, int cluster, int count, long bytes, boolean isThin) throws Exception {
        makeStore(store, cluster);
        long clusters = bytes / cluster;
        long nanos = 0;
        for (int i = 0; i < count; i++) {
            String volume = create(store, i, bytes, isThin);
            if (!isThin) {
                snapshot(volume, "snapshot" + i);
            }
            nanos += new Writes(setup.open(volume), clusters, cluster, false).start(setup, depth, BdevSetup.BLOCK).join();
        }
        return count * clusters * 1e9 / nanos;
    }

    /** Warms up what a commit does. */
    private void commit(String store) throws Exception {
        String volume = create(store, WARM_VOLUMES, WARM_BYTES, true);
        for (int i = 0; i < WARM_SNAPSHOTS; i++) {
            snapshot(volume, "committed");
            setup.call(volumes, "bdev_lvol_delete", Map.of("name", store + "/committed"));
        }
    }

    private void snapshot(String volume, String name) throws Exception {
        setup.call(volumes, "bdev_lvol_snapshot", Map.of("lvol_name", volume, "snapshot_name", name));
    }

    private String snapshots(int cluster) throws Exception {
        makeStore("lvs0", cluster);
        String volume = create("lvs0", 0, VOLUME_BYTES, false);
        var load = new Writes(setup.open(volume), VOLUME_BYTES / BdevSetup.BLOCK, BdevSetup.BLOCK, true);
        var done = load.start(setup, depth, BdevSetup.BLOCK);
        Thread.sleep(SNAPSHOTS * PAUSE_MS);
        longest(load);
        Thread.sleep(SNAPSHOTS * PAUSE_MS);
        long without = longest(load);
        long[] with = new long[SNAPSHOTS];
        for (int i = 0; i < SNAPSHOTS; i++) {
            snapshot(volume, "snapshot" + i);
            if (i > 0) {
                setup.call(volumes, "bdev_lvol_delete", Map.of("name", "lvs0/snapshot" + (i - 1)));
            }
            Thread.sleep(PAUSE_MS);
            with[i] = longest(load);
        }
        load.end();
        done.join();
        double first = with[0] / 1e6;
        Arrays.sort(with, 1, SNAPSHOTS);
        return "longest write without snapshots: %.2f ms; with the first: %.2f; with one of the others: median %.2f, longest %.2f"
            .formatted(without / 1e6, first, with[SNAPSHOTS / 2] / 1e6, with[SNAPSHOTS - 1] / 1e6);
    }

    /** Since this was asked last. */
    private long longest(Writes load) {
        return setup.on(load::longest);
    }

    public static void main(String[] arguments) throws Exception {
        int cluster = Integer.parseInt(arguments[1]);
        var perf = new LvolPerf(Integer.parseInt(arguments[2]));
        if (arguments[0].equals("snapshot")) {
            System.out.println(perf.snapshots(cluster));
        } else {
            boolean isThin = arguments[0].equals("first");
            perf.firstWrites("warm", WARM_CLUSTER, WARM_VOLUMES, WARM_BYTES, isThin);
            perf.commit("warm");
            perf.firstWrites("alike", cluster, ALIKE_VOLUMES, ALIKE_BYTES, isThin);
            System.out.printf("writes per second: %.0f%n", perf.firstWrites("lvs0", cluster, 1, VOLUME_BYTES, isThin));
        }
        System.exit(0);
    }
}
