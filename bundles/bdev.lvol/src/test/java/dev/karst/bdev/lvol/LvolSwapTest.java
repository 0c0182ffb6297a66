package dev.karst.bdev.lvol;

import static dev.karst.bdev.lvol.LvolStages.BLOCK;
import static dev.karst.bdev.lvol.LvolStages.bdev;
import static dev.karst.bdev.lvol.LvolStages.checkCode;
import static dev.karst.bdev.lvol.LvolStages.disk;
import static dev.karst.bdev.lvol.LvolStages.expect;
import static dev.karst.bdev.lvol.LvolStages.pool;
import static dev.karst.bdev.lvol.LvolStages.soon;
import static dev.karst.bdev.lvol.LvolStages.store;
import static dev.karst.bdev.lvol.LvolStages.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.Bdev.State;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.bdev.testkit.IoMix;
import dev.karst.bdev.testkit.Model;
import dev.karst.bdev.testkit.OpenBdev;
import dev.karst.bdev.testkit.RandomIo;
import dev.karst.env.Region;
import dev.karst.reactor.sim.SimWorld;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The module is replaced while a call changes a pool: it is answered, and each volume that there is has its block device. */
class LvolSwapTest {
    private static final int SEEDS = 40;
    /** As long as a change takes, and somewhat longer. */
    private static final int MOST_NANOS = 3_000_000;

    /** What is called meanwhile, and the names of all volumes afterwards. */
    private enum Call {
        SNAPSHOT("c r s v w x", "bdev_lvol_snapshot", "lvol_name", "lvs0/v", "snapshot_name", "x"),
        CLONE("c r s v w x", "bdev_lvol_clone", "snapshot_name", "lvs0/s", "clone_name", "x"),
        CREATE("c r s v w x", "bdev_lvol_create", "lvol_name", "x", "size_in_mib", 1, "lvs_name", "lvs0"),
        DELETE("r s v w", "bdev_lvol_delete", "name", "lvs0/c"),
        INFLATE("c r s v w", "bdev_lvol_inflate", "name", "lvs0/v"),
        DECOUPLE("c r s v w", "bdev_lvol_decouple_parent", "name", "lvs0/v"),
        RENAME("c s v w x", "bdev_lvol_rename", "old_name", "lvs0/r", "new_name", "x"),
        SET_READ_ONLY("c r s v w", "bdev_lvol_set_read_only", "name", "lvs0/c"),
        GROW("c r s v w", "bdev_lvol_resize", "name", "lvs0/v", "size_in_mib", 2),
        SHRINK("c r s v w", "bdev_lvol_resize", "name", "lvs0/r", "size_in_mib", 1);

        private final String volumes;
        private final LvolCall asked;

        Call(String volumes, String method, Object... parameters) {
            this.volumes = volumes;
            asked = new LvolCall(method, parameters);
        }

        int on(BdevStage stage) {
            return asked.on(stage);
        }
    }

    private static BdevStage made(SimWorld world, LvolModule module) throws StorageException {
        BdevStage stage = pool(world, module);
        stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
        write(stage, "lvs0/v", 1, (byte) 1);
        stage.call("bdev_lvol_snapshot", "lvol_name", "lvs0/v", "snapshot_name", "s");
        stage.call("bdev_lvol_clone", "snapshot_name", "lvs0/s", "clone_name", "c");
        stage.call("bdev_lvol_create", "lvol_name", "r", "size_in_mib", 2, "lvs_name", "lvs0");
        write(stage, "lvs0/v", 2, (byte) 2);
        stage.call("bdev_lvol_create", "lvol_name", "w", "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
        return stage;
    }

    private static void update(BdevStage stage, LvolModule old) {
        stage.remove(old);
        stage.add(new LvolModule());
    }

    private static void handOver(BdevStage stage, LvolModule old) throws StorageException {
        LvolModule next = new LvolModule();
        stage.add(next);
        stage.layer().handOver().handOver(old, next);
        stage.remove(old);
    }

    /** How the module is replaced. */
    private interface Swap {
        void go(BdevStage stage, LvolModule old) throws StorageException;
    }

    /** I/O on a volume that is not changed, held against what it must hold; it fails when there is an error. */
    private static RandomIo begin(SimWorld world, BdevStage stage, OpenBdev open) throws StorageException {
        Region memory = stage.environment().memory().allocate("test", RandomIo.bytesNeeded(BLOCK, 8));
        var io = new RandomIo(open.channel(), new Model(0, 256, BLOCK, false), world.seed(), memory, IoMix.of(8, 500));
        stage.on(open.reactor(), io::start);
        return io;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, String> volumes(BdevStage stage) throws StorageException {
        return ((List<Map<String, Object>>) stage.call("bdev_lvol_get_lvols")).stream().collect(Collectors.toMap(
            each -> (String) each.get("name"), each -> (String) each.get("uuid"), (a, _) -> a, TreeMap::new));
    }

    private static void checkDevices(BdevStage stage, String names) throws StorageException {
        Map<String, String> volumes = volumes(stage);
        assertEquals(names, String.join(" ", volumes.keySet()));
        Set<String> devices = stage.layer().all().stream().filter(each -> each.moduleName().equals("lvol") && each.state() == State.ONLINE)
            .map(Bdev::name).collect(Collectors.toCollection(TreeSet::new));
        assertEquals(new TreeSet<>(volumes.values()), devices);
        for (Map.Entry<String, String> each : volumes.entrySet()) {
            assertEquals(each.getValue(), bdev(stage, "lvs0/" + each.getKey()).name());
        }
    }

    private static void play(Call call, Swap swap) {
        SimWorld.run(1, SEEDS, world -> {
            LvolModule old = new LvolModule();
            BdevStage stage = made(world, old);
            OpenBdev open = stage.open("lvs0/w", world.reactor(0));
            RandomIo io = begin(world, stage, open);
            CompletableFuture<Void> swapped = soon(world, stage, MOST_NANOS, on -> {
                swap.go(on, old);
                return null;
            });
            int code = call.on(stage);
            world.get(swapped);
            stage.until(io::isDone);
            open.close();
            world.runFor(200);
            assertTrue(code == 0 || code == -Errno.EAGAIN, call + " gave " + code);
            checkDevices(stage, code == 0 ? call.volumes : "c r s v w");
            if (code != 0) {
                assertEquals(0, call.on(stage), "again");
                checkDevices(stage, call.volumes);
            }
            expect(stage, "lvs0/v", 1, (byte) 1);
            expect(stage, "lvs0/v", 2, (byte) 2);
            expect(stage, "lvs0/s", 2, (byte) 0);
        });
    }

    @ParameterizedTest
    @EnumSource
    void shouldHaveADeviceForEachVolumeWhenUpdatedDuringACall(Call call) {
        play(call, LvolSwapTest::update);
    }

    @ParameterizedTest
    @EnumSource
    void shouldHaveADeviceForEachVolumeWhenHandedOverDuringACall(Call call) {
        play(call, LvolSwapTest::handOver);
    }

    /** A version that brings nothing back. */
    private static final class Idle implements BdevModule {
        @Override
        public String name() {
            return "lvol";
        }

        @Override
        public void start(BdevHost host) {
            // It does nothing.
        }

        @Override
        public void stop() {
            // It does nothing.
        }

        @Override
        public void restore(CreationRecord record) {
            // It does nothing.
        }
    }

    /** Nothing of it is brought back, so that it must be found. */
    @Test
    void shouldKnowAStoreWithoutVolumesWhenTheModuleIsReplaced() {
        for (Swap swap : List.<Swap>of(LvolSwapTest::update, LvolSwapTest::handOver)) {
            SimWorld.run(1, 10, world -> {
                LvolModule old = new LvolModule();
                BdevStage stage = pool(world, old);
                swap.go(stage, old);
                assertEquals("lvs0", store(stage).get("name"));
                stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 1, "lvs_name", "lvs0");
                checkDevices(stage, "v");
                assertEquals(1, kept(stage).size());
                stage.call("bdev_lvol_delete_lvstore", "lvs_name", "lvs0");
                assertEquals(List.of(), kept(stage));
            });
        }
    }

    @Test
    void shouldLookAgainForAStoreWhoseDeviceCouldNotBeRead() {
        SimWorld.run(1, 5, world -> {
            LvolModule old = new LvolModule();
            BdevStage stage = pool(world, old);
            stage.remove(old);
            world.environment().faults().ioErrorOneIn = 1;
            stage.add(new LvolModule());
            assertEquals(List.of(), stage.call("bdev_lvol_get_lvstores"));
            world.environment().faults().ioErrorOneIn = 0;
            assertEquals("lvs0", store(stage).get("name"));
        });
    }

    /** What the block layer keeps for the next version. */
    private static List<CreationRecord> kept(BdevStage stage) {
        return stage.layer().kept(true);
    }

    @Test
    void shouldBeAsBeforeWhenTheNextVersionIsNoGood() {
        SimWorld.run(1, 20, world -> {
            LvolModule old = new LvolModule();
            BdevStage stage = made(world, old);
            OpenBdev open = stage.open("lvs0/w", world.reactor(0));
            RandomIo io = begin(world, stage, open);
            BdevModule next = stage.add(new Idle());
            assertThrows(StorageException.class, () -> stage.layer().handOver().handOver(old, next));
            stage.until(io::isDone);
            open.close();
            stage.remove(next);
            checkDevices(stage, "c r s v w");
            assertEquals(0, Call.SNAPSHOT.on(stage));
            checkDevices(stage, Call.SNAPSHOT.volumes);
        });
    }

    @Test
    void shouldHaveADeviceAgainWhenADeletionIsRefused() {
        SimWorld.run(1, 2, world -> {
            BdevStage stage = made(world, new LvolModule());
            disk(stage, world, "copy", 2 << 20);
            stage.call("bdev_lvol_set_read_only", "name", "lvs0/r");
            stage.call("bdev_lvol_start_shallow_copy", "src_lvol_name", "lvs0/r", "dst_bdev_name", "copy");
            checkCode(-Errno.EBUSY, "Device or resource busy", stage, "bdev_lvol_delete", "name", "lvs0/r");
            checkDevices(stage, "c r s v w");
        });
    }
}
