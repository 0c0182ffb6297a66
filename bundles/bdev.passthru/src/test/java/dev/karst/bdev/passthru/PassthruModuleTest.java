package dev.karst.bdev.passthru;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.IoType;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.nullblk.NullModule;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.bdev.testkit.IoMix;
import dev.karst.bdev.testkit.Model;
import dev.karst.bdev.testkit.OpenBdev;
import dev.karst.bdev.testkit.RandomIo;
import dev.karst.env.Region;
import dev.karst.reactor.sim.SimWorld;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PassthruModuleTest {
    private static BdevStage stage(SimWorld world) throws StorageException {
        var stage = new BdevStage(world);
        stage.add(new NullModule());
        stage.add(new PassthruModule());
        stage.call("bdev_null_create", "name", "Base0", "num_blocks", 2048, "block_size", 512);
        stage.call("bdev_passthru_create", "name", "PT0", "base_bdev_name", "Base0");
        return stage;
    }

    @Test
    void shouldDeriveTheUuidAsSpdkDoes() {
        assertEquals(
            UUID.fromString("3157edf2-8f96-52fe-a640-167fb1a7961c"),
            DerivedUuid.of(UUID.fromString("073eb449-fb0a-4506-85a3-693b9973c388")));
    }

    @Test
    void shouldDescribeItselfAsSpdkDoes() {
        SimWorld.run(1, 1, world -> assertEquals(
            Map.of("passthru", Map.of("name", "PT0", "base_bdev_name", "Base0")),
            stage(world).layer().find("PT0").orElseThrow().driverSpecific()));
    }

    @Test
    void shouldClaimTheBaseUntilItGoes() {
        SimWorld.run(1, 3, world -> {
            BdevStage stage = stage(world);
            assertEquals("passthru PT0", stage.layer().find("Base0").orElseThrow().claimedBy());
            var refused = assertThrows(StorageException.class,
                () -> stage.call("bdev_passthru_create", "name", "PT1", "base_bdev_name", "Base0"));
            assertEquals(-Errno.EPERM, refused.code());
            stage.call("bdev_passthru_delete", "name", "PT0");
            stage.call("bdev_passthru_create", "name", "PT1", "base_bdev_name", "Base0");
        });
    }

    @Test
    void shouldTellTheNewSizeWhenBaseIsResized() {
        SimWorld.run(1, 10, world -> {
            BdevStage stage = stage(world);
            OpenBdev open = stage.open("PT0", world.reactor(0));
            stage.call("bdev_null_resize", "name", "Base0", "new_size", 8);
            stage.until(() -> open.resizedTo() == 16384);
            Region memory = stage.environment().memory().allocate("test", 4096);
            assertEquals(Status.OK, open.move(IoType.READ, 16383, 1, memory));
            open.close();
        });
    }

    @Test
    void shouldGoWhenBaseIsRemoved() {
        SimWorld.run(1, 10, world -> {
            BdevStage stage = stage(world);
            assertEquals(true, stage.call("bdev_null_delete", "name", "Base0"));
            stage.until(() -> stage.layer().all().isEmpty());
        });
    }

    @Test
    void shouldBeMadeWhenItsBaseComesLater() {
        SimWorld.run(1, 3, world -> {
            BdevStage stage = stage(world);
            assertEquals("PT2", stage.call("bdev_passthru_create", "name", "PT2", "base_bdev_name", "later"));
            assertTrue(stage.layer().find("PT2").isEmpty());
            assertEquals(Map.of("name", "PT2", "base_bdev_name", "later"), stage.front().calls().getLast().parameters());
            stage.call("bdev_null_create", "name", "later", "num_blocks", 64, "block_size", 512);
            assertEquals(64, stage.layer().find("PT2").orElseThrow().blocks());
            assertEquals("passthru PT2", stage.layer().find("later").orElseThrow().claimedBy());
        });
    }

    @Test
    void shouldBeMadeByTheSuccessorWhenItWaitsAndTheModuleIsReplaced() {
        SimWorld.run(1, 3, world -> {
            var stage = new BdevStage(world);
            stage.add(new NullModule());
            BdevModule old = stage.add(new PassthruModule());
            stage.call("bdev_passthru_create", "name", "PT2", "base_bdev_name", "later");
            stage.remove(old);
            stage.call("bdev_null_create", "name", "later", "num_blocks", 64, "block_size", 512);
            assertTrue(stage.layer().find("PT2").isEmpty());
            stage.add(new PassthruModule());
            assertEquals(64, stage.layer().find("PT2").orElseThrow().blocks());
        });
    }

    @Test
    void shouldNotBeMadeWhenItIsDeletedBeforeItsBaseComes() {
        SimWorld.run(1, 1, world -> {
            BdevStage stage = stage(world);
            stage.call("bdev_passthru_create", "name", "PT2", "base_bdev_name", "later");
            var twice = assertThrows(StorageException.class,
                () -> stage.call("bdev_passthru_create", "name", "PT2", "base_bdev_name", "later"));
            assertEquals(-Errno.EEXIST, twice.code());
            assertEquals(true, stage.call("bdev_passthru_delete", "name", "PT2"));
            stage.call("bdev_null_create", "name", "later", "num_blocks", 64, "block_size", 512);
            assertTrue(stage.layer().find("PT2").isEmpty());
            assertThrows(StorageException.class, () -> stage.call("bdev_passthru_delete", "name", "PT2"));
        });
    }

    @Test
    void shouldSayWhatTheBaseSaysWhenMade() {
        SimWorld.run(1, 1, world -> {
            BdevStage stage = stage(world);
            stage.add(new MallocModule());
            stage.call(
                "bdev_malloc_create", "name", "Base1", "num_blocks", 256, "block_size", 512, "md_size", 8, "dif_type", 1,
                "optimal_io_boundary", 16, "physical_block_size", 4096);
            stage.call("bdev_passthru_create", "name", "PT1", "base_bdev_name", "Base1");
            Bdev base = stage.layer().find("Base1").orElseThrow();
            Bdev top = stage.layer().find("PT1").orElseThrow();
            assertEquals(base.metadata(), top.metadata());
            assertEquals(16, top.optimalBoundaryBlocks());
            assertEquals(4096, top.physicalBlockSize());
            assertEquals(base.writeUnitBlocks(), top.writeUnitBlocks());
            for (IoType type : IoType.values()) {
                assertEquals(base.supports(type), top.supports(type), type.name());
            }
        });
    }

    /** The base's module is replaced while I/O runs through two layers above it. */
    @Test
    void shouldOnlyPauseWhenTheBasesModuleIsReplacedUnderLoad() {
        SimWorld.run(1, 20, 1, world -> {
            var stage = new BdevStage(world);
            BdevModule base = stage.add(new MallocModule());
            stage.add(new PassthruModule());
            stage.call("bdev_malloc_create", "name", "Base0", "num_blocks", 256, "block_size", 512);
            stage.call("bdev_passthru_create", "name", "PT0", "base_bdev_name", "Base0");
            stage.call("bdev_passthru_create", "name", "PT1", "base_bdev_name", "PT0");
            OpenBdev open = stage.open("PT1", world.reactor(0));
            Region memory = stage.environment().memory().allocate("test", RandomIo.bytesNeeded(512, 16));
            var model = new Model(0, 256, 512, false);
            var io = new RandomIo(open.channel(), model, world.seed(), memory, IoMix.of(16, 2000));
            stage.on(open.reactor(), io::start);
            world.runFor(world.random().between(0, 1));
            stage.remove(base);
            world.runFor(world.random().between(0, 20));
            stage.add(new MallocModule());
            stage.until(io::isDone);
            open.close();
        });
    }
}
