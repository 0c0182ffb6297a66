package dev.karst.bdev.lvol;

import static dev.karst.bdev.lvol.LvolStages.BLOCK;
import static dev.karst.bdev.lvol.LvolStages.again;
import static dev.karst.bdev.lvol.LvolStages.bdev;
import static dev.karst.bdev.lvol.LvolStages.checkCode;
import static dev.karst.bdev.lvol.LvolStages.disk;
import static dev.karst.bdev.lvol.LvolStages.expect;
import static dev.karst.bdev.lvol.LvolStages.pool;
import static dev.karst.bdev.lvol.LvolStages.volume;
import static dev.karst.bdev.lvol.LvolStages.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.bdev.file.FileModule;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.passthru.PassthruModule;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.bdev.testkit.IoMix;
import dev.karst.bdev.testkit.Model;
import dev.karst.bdev.testkit.OpenBdev;
import dev.karst.bdev.testkit.Probe;
import dev.karst.bdev.testkit.RandomIo;
import dev.karst.env.Region;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Volumes that are clones of a device outside of their pool. */
class LvolOutsideTest {
    private static final int MEBIBYTE = 1 << 20;
    private static final String UUID = "12345678-1234-4321-8765-0123456789ab";

    /** A pool, and a device {@code golden} of 1 MiB with a five in blocks 0, 20 and 255. */
    private static BdevStage golden(SimWorld world) throws StorageException {
        BdevStage stage = pool(world);
        disk(stage, world, "golden", MEBIBYTE, UUID);
        for (int block : List.of(0, 20, 255)) {
            write(stage, "golden", block, (byte) 5);
        }
        return stage;
    }

    private static BdevStage cloned(SimWorld world) throws StorageException {
        BdevStage stage = golden(world);
        stage.call("bdev_lvol_clone_bdev", "bdev", "golden", "lvs_name", "lvs0", "clone_name", "c");
        return stage;
    }

    private static void goldenComes(BdevStage stage) throws StorageException {
        stage.call("bdev_aio_create", "name", "golden", "filename", "/golden.img", "block_size", BLOCK, "uuid", UUID);
        stage.call("bdev_wait_for_examine");
    }

    private static int read(OpenBdev open, long block, Region memory) throws StorageException {
        return open.move(IoType.READ, block, 1, memory);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> driverSpecific(BdevStage stage, String name) {
        return (Map<String, Object>) bdev(stage, name).driverSpecific().get("lvol");
    }

    private static void passthru(BdevStage stage, String base, String name, Object... more) throws StorageException {
        List<Object> parameters = new ArrayList<>(List.of("base_bdev_name", base, "name", name));
        parameters.addAll(List.of(more));
        stage.call("bdev_passthru_create", parameters.toArray());
        stage.call("bdev_wait_for_examine");
    }

    /** A device that stands on a volume, perhaps through others, is not the ground of a volume of that store, nor of any store. */
    @Test
    void shouldRefuseADeviceThatStandsOnTheStoreItself() {
        SimWorld.run(1, 3, world -> {
            BdevStage stage = golden(world);
            stage.add(new PassthruModule());
            stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
            passthru(stage, "lvs0/v", "p");
            passthru(stage, "p", "q");
            for (String name : List.of("p", "q")) {
                String why = "Invalid argument: " + name + " stands on a volume";
                checkCode(-Errno.EINVAL, why + " of the lvol store on aio0", stage, "bdev_lvol_set_parent_bdev", "lvol_name", "lvs0/v",
                    "parent_name", name);
                checkCode(-Errno.EINVAL, why + " of the lvol store on aio0", stage, "bdev_lvol_clone_bdev", "bdev", name, "lvs_name", "lvs0",
                    "clone_name", "x");
                checkCode(-Errno.EINVAL, why + ";", stage, "bdev_lvol_create_lvstore", "bdev_name", name, "lvs_name", "nested");
            }
            stage.call("bdev_passthru_delete", "name", "q");
            stage.call("bdev_passthru_delete", "name", "p");
            passthru(stage, "golden", "g");
            stage.call("bdev_lvol_set_parent_bdev", "lvol_name", "lvs0/v", "parent_name", "g");
            expect(stage, "lvs0/v", 20, (byte) 5);
        });
    }

    /** Two stores whose volumes would stand on each other. */
    @Test
    void shouldRefuseACircleThroughAnotherStore() {
        SimWorld.run(1, 3, world -> {
            BdevStage stage = golden(world);
            stage.add(new PassthruModule());
            disk(stage, world, "aio1", 64 << 20);
            stage.call("bdev_lvol_create_lvstore", "bdev_name", "aio1", "lvs_name", "lvs1", "cluster_sz", LvolStages.CLUSTER);
            for (String store : List.of("lvs0", "lvs1")) {
                stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 1, "lvs_name", store, "thin_provision", true);
            }
            passthru(stage, "lvs1/v", "p");
            stage.call("bdev_lvol_set_parent_bdev", "lvol_name", "lvs0/v", "parent_name", "p");
            checkCode(-Errno.EINVAL, "Invalid argument", stage, "bdev_lvol_set_parent_bdev", "lvol_name", "lvs1/v", "parent_name", "lvs0/v");
        });
    }

    /** It goes and comes while nobody stands on it, and then the clone is there again. */
    @Test
    void shouldStandOnItWhenItsDeletionIsTakenBack() {
        SimWorld.run(1, 5, world -> {
            BdevStage stage = cloned(world);
            world.environment().faults().syncErrorOneIn = 1;
            checkCode(-Errno.EIO, "Input/output error", stage, "bdev_lvol_delete", "name", "lvs0/c");
            stage.call("bdev_aio_delete", "name", "golden");
            goldenComes(stage);
            world.environment().faults().syncErrorOneIn = 0;
            world.runFor(5_000);
            expect(stage, "lvs0/c", 20, (byte) 5);
        });
    }

    @Test
    void shouldHoldWhatTheDeviceHoldsUntilItIsWritten() {
        SimWorld.run(1, 5, world -> {
            BdevStage stage = cloned(world);
            expect(stage, "lvs0/c", 20, (byte) 5);
            write(stage, "lvs0/c", 1, (byte) 6);
            expect(stage, "lvs0/c", 0, (byte) 5);
            expect(stage, "lvs0/c", 1, (byte) 6);
            assertEquals(1L, volume(stage, "c").get("num_allocated_clusters"));
            stage.call("bdev_lvol_snapshot", "lvol_name", "lvs0/c", "snapshot_name", "s");
            stage.call("bdev_lvol_clone", "snapshot_name", "lvs0/s", "clone_name", "d");
            write(stage, "lvs0/d", 21, (byte) 7);
            for (String name : List.of("lvs0/c", "lvs0/s", "lvs0/d")) {
                expect(stage, name, 1, (byte) 6);
                expect(stage, name, 20, (byte) 5);
                expect(stage, name, 255, (byte) 5);
            }
            stage.call("bdev_lvol_delete", "name", "lvs0/d");
            stage.call("bdev_lvol_delete", "name", "lvs0/s");
            write(stage, "lvs0/c", 21, (byte) 8);
            expect(stage, "lvs0/c", 1, (byte) 6);
            expect(stage, "lvs0/c", 20, (byte) 5);
        });
    }

    @Test
    void shouldSayOfThemWhatSpdkSays() {
        SimWorld.run(1, 1, world -> {
            BdevStage stage = cloned(world);
            assertEquals(List.of(true, "golden", false, true), List.of(driverSpecific(stage, "lvs0/c").get("esnap_clone"),
                driverSpecific(stage, "lvs0/c").get("external_snapshot_name"), driverSpecific(stage, "lvs0/c").get("clone"),
                driverSpecific(stage, "lvs0/c").get("thin_provision")));
            assertEquals(List.of(true, false, false), List.of(volume(stage, "c").get("is_esnap_clone"), volume(stage, "c").get("is_clone"),
                volume(stage, "c").get("is_degraded")));
            assertEquals("clones in the lvol store on aio0", bdev(stage, "golden").claimedBy());
            assertEquals(256, bdev(stage, "lvs0/c").blocks());
        });
    }

    @Test
    void shouldBeDegradedUntilTheDeviceComesWhenItIsNotThereAtTheStart() {
        SimWorld.run(1, 5, world -> {
            BdevStage stage = cloned(world);
            stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 1, "lvs_name", "lvs0");
            write(stage, "lvs0/c", 1, (byte) 6);
            stage.call("bdev_lvol_snapshot", "lvol_name", "lvs0/c", "snapshot_name", "s");
            stage.call("bdev_aio_delete", "name", "aio0");
            stage.call("bdev_aio_delete", "name", "golden");
            stage.until(() -> stage.layer().all().isEmpty());
            BdevStage next = again(world);
            for (String name : List.of("c", "s")) {
                assertEquals(true, volume(next, name).get("is_degraded"), name);
                assertTrue(next.layer().find("lvs0/" + name).isEmpty(), name);
            }
            assertEquals(false, volume(next, "v").get("is_degraded"));
            expect(next, "lvs0/v", 0, (byte) 0);
            goldenComes(next);
            for (String name : List.of("c", "s")) {
                assertEquals(false, volume(next, name).get("is_degraded"), name);
                expect(next, "lvs0/" + name, 1, (byte) 6);
                expect(next, "lvs0/" + name, 20, (byte) 5);
            }
        });
    }

    @Test
    void shouldFailOnlyWhatNeedsTheDeviceWhileItIsGone() {
        SimWorld.run(1, 10, world -> {
            BdevStage stage = cloned(world);
            write(stage, "lvs0/c", 1, (byte) 6);
            OpenBdev open = stage.open("lvs0/c", world.reactor(0));
            Region memory = stage.environment().memory().allocate("test", BLOCK);
            assertEquals(Status.OK, read(open, 20, memory));
            stage.call("bdev_aio_delete", "name", "golden");
            stage.until(() -> stage.layer().find("golden").isEmpty());
            assertEquals(Status.errno(Errno.EIO), read(open, 20, memory));
            assertEquals(Status.errno(Errno.EIO), open.move(IoType.WRITE, 20, 1, memory));
            assertEquals(Status.OK, open.move(IoType.WRITE, 2, 1, memory));
            expect(stage, "lvs0/c", 1, (byte) 6);
            assertEquals(true, volume(stage, "c").get("is_degraded"));
            assertEquals(UUID, driverSpecific(stage, "lvs0/c").get("external_snapshot_name"));
            goldenComes(stage);
            assertEquals(Status.OK, read(open, 20, memory));
            open.close();
            expect(stage, "lvs0/c", 20, (byte) 5);
            assertEquals(false, volume(stage, "c").get("is_degraded"));
        });
    }

    @Test
    void shouldEndAllIoWhenTheDeviceGoesUnderLoad() {
        SimWorld.run(1, 20, world -> {
            BdevStage stage = cloned(world);
            OpenBdev open = stage.open("lvs0/c", world.reactor(0));
            Region memory = stage.environment().memory().allocate("test", BLOCK);
            List<Probe> probes = new ArrayList<>();
            for (int block = 0; block < 40; block++) {
                var probe = new Probe().wants(block % 4 == 3 ? IoType.WRITE : IoType.READ, block * 5L, 1).at(memory.address(), BLOCK);
                assertEquals(Status.OK, open.submit(probe));
                probes.add(probe);
            }
            world.runFor(world.random().between(0, 3));
            stage.call("bdev_aio_delete", "name", "golden");
            stage.until(() -> stage.layer().find("golden").isEmpty() && probes.stream().allMatch(Probe::hasEnded));
            assertEquals(Status.errno(Errno.EIO), read(open, 250, memory));
            open.close();
            stage.call("bdev_lvol_delete", "name", "lvs0/c");
            assertEquals(List.of(), stage.call("bdev_lvol_get_lvols"));
        });
    }

    @Test
    void shouldChangeItsParentUnderLoad() {
        SimWorld.run(1, 20, world -> {
            BdevStage stage = pool(world);
            disk(stage, world, "zeros", MEBIBYTE, UUID);
            disk(stage, world, "others", MEBIBYTE, UUID.replace('1', '2'));
            stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
            stage.call("bdev_lvol_create", "lvol_name", "w", "size_in_mib", 1, "lvs_name", "lvs0", "thin_provision", true);
            stage.call("bdev_lvol_snapshot", "lvol_name", "lvs0/w", "snapshot_name", "s");
            OpenBdev open = stage.open("lvs0/v", world.reactor(0));
            Region memory = stage.environment().memory().allocate("test", RandomIo.bytesNeeded(BLOCK, 16));
            var io = new RandomIo(open.channel(), new Model(0, 256, BLOCK, false), world.seed(), memory, IoMix.of(16, 3000));
            stage.on(open.reactor(), io::start);
            world.runFor(world.random().between(0, 3));
            stage.call("bdev_lvol_set_parent_bdev", "lvol_name", "lvs0/v", "parent_name", "zeros");
            world.runFor(world.random().between(0, 3));
            stage.call("bdev_lvol_set_parent_bdev", "lvol_name", "lvs0/v", "parent_name", "others");
            assertEquals("others", driverSpecific(stage, "lvs0/v").get("external_snapshot_name"));
            world.runFor(world.random().between(0, 3));
            stage.call("bdev_lvol_set_parent", "lvol_name", "lvs0/v", "parent_name", "lvs0/s");
            stage.until(io::isDone);
            open.close();
            assertEquals(null, bdev(stage, "zeros").claimedBy());
            assertEquals(null, bdev(stage, "others").claimedBy());
        });
    }

    @Test
    void shouldSeeTheDeviceWhenThatBecomesItsParent() {
        SimWorld.run(1, 3, world -> {
            BdevStage stage = golden(world);
            stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 2, "lvs_name", "lvs0", "thin_provision", true);
            write(stage, "lvs0/v", 20, (byte) 8);
            stage.call("bdev_lvol_set_parent_bdev", "lvol_name", "lvs0/v", "parent_name", "golden");
            expect(stage, "lvs0/v", 0, (byte) 5);
            expect(stage, "lvs0/v", 20, (byte) 8);
            expect(stage, "lvs0/v", 256, (byte) 0);
            write(stage, "lvs0/v", 260, (byte) 9);
            expect(stage, "lvs0/v", 256, (byte) 0);
            checkCode(-Errno.EEXIST, "File exists", stage, "bdev_lvol_set_parent_bdev", "lvol_name", "lvs0/v", "parent_name", "golden");
        });
    }

    @Test
    void shouldLetTheDeviceGoWhenNoVolumeNeedsItAnyMore() {
        for (String method : List.of("bdev_lvol_inflate", "bdev_lvol_decouple_parent", "bdev_lvol_delete")) {
            SimWorld.run(1, 1, world -> {
                BdevStage stage = cloned(world);
                write(stage, "lvs0/c", 1, (byte) 6);
                stage.call(method, "name", "lvs0/c");
                assertEquals(null, bdev(stage, "golden").claimedBy(), method);
                expect(stage, "golden", 1, (byte) 0);
                if (!method.equals("bdev_lvol_delete")) {
                    assertFalse((boolean) volume(stage, "c").get("is_esnap_clone"), method);
                    expect(stage, "lvs0/c", 255, (byte) 5);
                }
            });
        }
    }

    @Test
    void shouldLetTheDeviceGoWhenThePoolDoes() {
        SimWorld.run(1, 3, world -> {
            BdevStage stage = cloned(world);
            stage.call("bdev_lvol_delete_lvstore", "lvs_name", "lvs0");
            assertEquals(null, bdev(stage, "golden").claimedBy());
        });
    }

    @Test
    void shouldStandOnTheDeviceAgainWhenTheModuleIsReplaced() {
        SimWorld.run(1, 5, world -> {
            var stage = new BdevStage(world);
            stage.add(new FileModule());
            BdevModule old = stage.add(new LvolModule());
            disk(stage, world, "aio0", 64L * MEBIBYTE);
            disk(stage, world, "golden", MEBIBYTE, UUID);
            write(stage, "golden", 20, (byte) 5);
            stage.call("bdev_lvol_create_lvstore", "bdev_name", "aio0", "lvs_name", "lvs0", "cluster_sz", LvolStages.CLUSTER);
            stage.call("bdev_lvol_clone_bdev", "bdev", "golden", "lvs_name", "lvs0", "clone_name", "c");
            OpenBdev open = stage.open("lvs0/c", world.reactor(0));
            Region memory = stage.environment().memory().allocate("test", BLOCK);
            stage.remove(old);
            stage.add(new LvolModule());
            assertEquals(Status.OK, read(open, 20, memory));
            open.close();
            expect(stage, "lvs0/c", 20, (byte) 5);
            stage.call("bdev_lvol_delete", "name", "lvs0/c");
            assertEquals(null, bdev(stage, "golden").claimedBy());
        });
    }

    @Test
    void shouldTakeADeviceWithSmallerBlocks() {
        SimWorld.run(1, 3, world -> {
            BdevStage stage = golden(world);
            stage.call("bdev_aio_delete", "name", "golden");
            stage.call("bdev_aio_create", "name", "golden", "filename", "/golden.img", "block_size", 512, "uuid", UUID);
            stage.call("bdev_lvol_clone_bdev", "bdev", UUID, "lvs_name", "lvs0", "clone_name", "c");
            write(stage, "lvs0/c", 21, (byte) 6);
            expect(stage, "lvs0/c", 0, (byte) 5);
            expect(stage, "lvs0/c", 20, (byte) 5);
            expect(stage, "lvs0/c", 21, (byte) 6);
            expect(stage, "lvs0/c", 255, (byte) 5);
        });
    }

    @Test
    void shouldRefuseADeviceThatDoesNotFit() {
        SimWorld.run(1, 1, world -> {
            BdevStage stage = golden(world);
            disk(stage, world, "odd", MEBIBYTE + BLOCK, UUID.replace('1', '2'));
            String clone = "bdev_lvol_clone_bdev";
            stage.call("bdev_lvol_create", "lvol_name", "v", "size_in_mib", 1, "lvs_name", "lvs0");
            checkCode(-Errno.EINVAL, "Invalid argument", stage, clone, "bdev", "odd", "lvs_name", "lvs0", "clone_name", "c");
            checkCode(-Errno.EINVAL, "Invalid argument", stage, clone, "bdev", "lvs0/v", "lvs_name", "lvs0", "clone_name", "c");
            checkCode(-Errno.ENODEV, "No such device", stage, clone, "bdev", "absent", "lvs_name", "lvs0", "clone_name", "c");
            checkCode(-Errno.ENODEV, "No such device", stage, clone, "bdev", "golden", "lvs_name", "none", "clone_name", "c");
            checkCode(-Errno.EPERM, "Operation not permitted", stage, clone, "bdev", "aio0", "lvs_name", "lvs0", "clone_name", "c");
            checkCode(-Errno.EEXIST, "File exists", stage, clone, "bdev", "golden", "lvs_name", "lvs0", "clone_name", "v");
            checkCode(-Errno.EINVAL, "Invalid argument", stage, "bdev_lvol_set_parent_bdev", "lvol_name", "lvs0/v", "parent_name", "golden");
            OpenBdev writer = stage.open("golden", world.reactor(0));
            checkCode(-Errno.EPERM, "Operation not permitted", stage, clone, "bdev", "golden", "lvs_name", "lvs0", "clone_name", "c");
            writer.close();
            assertEquals(null, bdev(stage, "golden").claimedBy());
            assertEquals(1, ((List<?>) stage.call("bdev_lvol_get_lvols")).size());
        });
    }
}
