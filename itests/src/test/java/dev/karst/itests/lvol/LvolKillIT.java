package dev.karst.itests.lvol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.KarstInstance;
import dev.karst.itests.Reexport;
import dev.karst.itests.SavedConfiguration;
import dev.karst.itests.VerifiedLoad;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Volumes survive that their process is killed while they are written and changed: the pool is found again by itself and served, what was
 * flushed is there, and each snapshot holds what its volume held at that moment. A kill leaves what the kernel has; what a power cut
 * leaves is for the simulated disk (LvolPowerCutSimTest).
 */
class LvolKillIT {
    private static final String NQN = "nqn.2026-11.dev.karst:lvol-killed";
    private static final String STORE = "lvs0";
    private static final int KILLS = Integer.getInteger("karst.lvol.kills", 5);
    private static final long SHORTEST_MS = 200;
    private static final long LONGEST_MS = 1500;
    private static final long VOLUME_MIB = 8;
    private static final int VOLUME_BLOCKS = (int) (VOLUME_MIB << 20) / Stamps.BLOCK_BYTES;
    private static final int SNAPSHOT_NSID = 9;

    @TempDir Path folder;

    private final List<FlushedLoad> loads = List.of(
        new FlushedLoad("thin", 1, VOLUME_BLOCKS), new FlushedLoad("thick", 2, VOLUME_BLOCKS));
    private KarstInstance instance;
    private int port;

    /** The connections of a host: the admin queue and one queue for each load. */
    private final class Host implements AutoCloseable {
        final NvmeTcpHost admin = VerifiedLoad.connect(port, NQN, null, 0);
        final List<NvmeTcpHost> queues = new ArrayList<>();

        Host() throws IOException {
            admin.enable();
            for (FlushedLoad load : loads) {
                queues.add(VerifiedLoad.connect(port, NQN, admin, load.nsid));
            }
        }

        @Override
        public void close() throws IOException {
            for (NvmeTcpHost queue : queues) {
                queue.close();
            }
            admin.close();
        }
    }

    private void make() throws IOException {
        instance.call("bdev_aio_create", Map.of("name", "base", "filename", "f.img", "create_size_mib", 256L));
        instance.call("bdev_lvol_create_lvstore", Map.of("bdev_name", "base", "lvs_name", STORE, "cluster_sz", 64L << 10));
        for (FlushedLoad load : loads) {
            instance.call("bdev_lvol_create", Map.of("lvs_name", STORE, "lvol_name", load.volume, "size_in_mib", VOLUME_MIB,
                "thin_provision", load.volume.equals("thin")));
        }
        Reexport.export(instance, NQN, port, loads.stream().map(load -> STORE + "/" + load.volume).toList());
    }

    @Test
    void shouldHoldWhatWasFlushedAndSnapshotsAsTheyWereWhenKilledAtAnyMoment() throws Exception {
        var random = new SplittableRandom(Long.getLong("karst.sim.seed", 1));
        port = KarstInstance.freePort();
        try (KarstInstance made = new KarstInstance(folder.resolve("data"), SavedConfiguration.EMPTY)) {
            instance = made;
            instance.up();
            make();
            var changes = new LvolChanges(instance, STORE, loads, random.nextLong());
            int snapshots = 0;
            long newer = 0;
            for (int kill = 0; kill < KILLS; kill++) {
                runUntilKilled(changes, random.nextLong(SHORTEST_MS, LONGEST_MS));
                instance.startAgain();
                assertNothingIsDamaged();
                changes.check();
                try (Host host = new Host()) {
                    for (int i = 0; i < loads.size(); i++) {
                        newer += loads.get(i).verify(host.queues.get(i));
                    }
                    snapshots += verifySnapshots(changes, host.queues.getFirst());
                }
            }
            int flushes = loads.stream().mapToInt(FlushedLoad::flushes).sum();
            System.out.printf("lvol kill: %d kills, %d writes, %d flushes, %d changes, %d snapshots read, %d blocks newer than their flush%n",
                KILLS, loads.stream().mapToLong(FlushedLoad::writes).sum(), flushes, changes.answered(), snapshots, newer);
            assertTrue(flushes > 5 * KILLS && changes.answered() > 3 * KILLS && snapshots > 0, "too little was done to tell");
            assertTellsLostWrite();
        }
    }

    private void runUntilKilled(LvolChanges changes, long afterMs) throws Exception {
        try (Host host = new Host()) {
            List<CompletableFuture<IOException>> runs = new ArrayList<>(List.of(begin(changes::run)));
            for (int i = 0; i < loads.size(); i++) {
                FlushedLoad load = loads.get(i);
                NvmeTcpHost queue = host.queues.get(i);
                runs.add(begin(() -> load.run(queue)));
            }
            TimeUnit.MILLISECONDS.sleep(afterMs);
            for (CompletableFuture<IOException> run : runs) {
                assertNull(run.getNow(null), "ended before it was killed");
            }
            instance.kill();
            for (CompletableFuture<IOException> run : runs) {
                run.get(30, TimeUnit.SECONDS);
            }
        }
    }

    /** On a thread of its own: all are to run at once on any machine. */
    private static CompletableFuture<IOException> begin(Supplier<IOException> run) {
        return CompletableFuture.supplyAsync(run, task -> new Thread(task, "lvol-load").start());
    }

    private void assertNothingIsDamaged() throws IOException {
        Map<?, ?> check = (Map<?, ?>) instance.call("karst_lvol_check", Map.of("lvs_name", STORE));
        assertEquals(List.of(), check.get("damage"), check::toString);
        assertEquals(0L, ((Number) check.get("degraded")).longValue(), check::toString);
    }

    /** Each is served for a while; what it held when it was read first, it holds for ever. */
    private int verifySnapshots(LvolChanges changes, NvmeTcpHost queue) throws IOException {
        for (Map.Entry<String, LvolChanges.Snapshot> each : changes.snapshots().entrySet()) {
            LvolChanges.Snapshot snapshot = each.getValue();
            instance.call("nvmf_subsystem_add_ns", Map.of("nqn", NQN,
                "namespace", Map.of("bdev_name", STORE + "/" + each.getKey(), "nsid", (long) SNAPSHOT_NSID)));
            long[] found = snapshot.of().read(queue, each.getKey() + " of " + snapshot.of().volume, SNAPSHOT_NSID, snapshot.stamps());
            each.setValue(new LvolChanges.Snapshot(snapshot.of(), Stamps.exactly(found)));
            instance.call("nvmf_subsystem_remove_ns", Map.of("nqn", NQN, "nsid", (long) SNAPSHOT_NSID));
        }
        return changes.snapshots().size();
    }

    private void assertTellsLostWrite() throws IOException {
        try (Host host = new Host()) {
            loads.getFirst().spoil(host.queues.getFirst());
            AssertionError told = assertThrows(AssertionError.class, () -> loads.getFirst().verify(host.queues.getFirst()));
            assertTrue(told.getMessage().contains("stamp"), told::getMessage);
        }
    }
}
