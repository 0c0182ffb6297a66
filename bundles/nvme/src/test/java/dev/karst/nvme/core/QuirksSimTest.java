package dev.karst.nvme.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.nvme.ControllerData;
import dev.karst.nvme.NvmeNamespace;
import dev.karst.nvme.testkit.controller.Traits;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.reactor.sim.SimWorld;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Controllers that do not do as they say, and are known for it. */
class QuirksSimTest {
    /** Attaches a controller that calls itself so. */
    private static void attach(int vendor, int device, Consumer<SimStage> check) {
        SimWorld.run(1, 1, world -> {
            var traits = new Traits();
            traits.vendor = vendor;
            traits.device = device;
            var stage = new SimStage(world, traits, Settings.plain(512));
            stage.attach(SimStage.options(0, -1));
            check.accept(stage);
            stage.finish();
        });
    }

    private static NvmeNamespace namespace(SimStage stage) {
        return stage.controller.namespace(1).orElseThrow();
    }

    @Test
    void shouldDoWithoutWriteZeroesWhenTheyAreSlow() {
        attach(0x1b36, 0x0010, stage -> assertTrue(stage.controller.data().limits().knows(ControllerData.Limits.WRITE_ZEROES)));
        attach(0x1c5c, 0x1504, stage -> assertFalse(stage.controller.data().limits().knows(ControllerData.Limits.WRITE_ZEROES)));
    }

    @Test
    void shouldNotBelieveIdentifiersWhenOthersHaveThemToo() {
        attach(0x144d, 0xa802, stage -> {
            assertNull(namespace(stage).ids().uuid());
            assertEquals("", namespace(stage).ids().nguid());
        });
    }

    @Test
    void shouldKeepCommandsWithinStripes() {
        attach(0x8086, 0x0953, stage -> assertEquals(namespace(stage).limits().maxTransferBlocks(), namespace(stage).limits().boundaryBlocks()));
    }

    @Test
    void shouldSayHowMuchCommandsWithoutDataMayCover() {
        attach(0x1b36, 0x0010, stage -> {
            assertEquals((4096 << 10) / 512, namespace(stage).limits().zeroesBlocks());
            assertEquals(1 << 20, namespace(stage).limits().deallocateBlocks());
        });
    }

    @Test
    void shouldLetItSettleBeforeItIsAskedWhetherItHasStopped() {
        attach(0x144d, 0xa821, stage -> {
            long before = stage.world.clock().nanos();
            try {
                stage.world.background(() -> {
                    stage.controller.reset();
                    return null;
                });
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            assertTrue(stage.world.clock().nanos() - before >= 2_300_000_000L);
        });
    }
}
