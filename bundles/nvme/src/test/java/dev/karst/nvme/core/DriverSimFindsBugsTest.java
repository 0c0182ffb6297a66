package dev.karst.nvme.core;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.env.DmaMap;
import dev.karst.env.EventSet;
import dev.karst.env.Readiness;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.nvme.testkit.controller.Traits;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.reactor.sim.SimWorld;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@link DriverSimTest} looks at is enough: it finds each of these, which are planted between the driver and the device. */
class DriverSimFindsBugsTest {
    private static final int SEEDS = 10;
    private static final int ROUNDS = 150;
    private static final int PAGE = 4096;

    /** A mistake. */
    enum Bug {
        NONE,
        /** The second page of a command's data is another one. */
        WRONG_PAGE,
        /** Memory is given back while its request is in flight. */
        FREED_EARLY,
        /** Somebody else writes to the blocks. */
        MEDIA_CHANGED,
        /** A region is never given back. */
        LEAK,
        /** Interrupts do not arrive. */
        LOST_INTERRUPTS,
        /** A request ends a second time. */
        ENDED_TWICE
    }

    private static void run(SimWorld world, Bug bug) throws Exception {
        var traits = new Traits();
        var stage = new SimStage(world, traits, Settings.plain(512));
        stage.wrap = device -> switch (bug) {
            case WRONG_PAGE -> new ForwardingPciDevice(device) {
                @Override
                public DmaMap dma() {
                    return wrongPages(super.dma());
                }
            };
            case LOST_INTERRUPTS -> new ForwardingPciDevice(device) {
                @Override
                public void watch(int vector, EventSet events, Readiness readiness) {
                    // They do not arrive.
                }

                @Override
                public void unwatch(int vector) {
                    // Nobody watches.
                }
            };
            default -> device;
        };
        stage.attach(SimStage.options(0, -1));
        NvmeQueuePair queue = world.background(() -> stage.controller.openQueuePair(world.reactor(0)));
        var load = new SimLoad(world, List.of(queue), 4, 64);
        load.bug = bug;
        for (int round = 0; round < ROUNDS; round++) {
            load.start();
            if (bug == Bug.MEDIA_CHANGED && round % 20 == 0) {
                stage.disk.write(world.random().below(256), new byte[512], new byte[0]);
            }
        }
        world.until(load::isIdle, 200_000);
        load.assertAllEnded();
        if (bug == Bug.LEAK) {
            world.environment().memory().allocate("leak", PAGE);
        }
        stage.finish();
    }

    private static DmaMap wrongPages(DmaMap right) {
        return new DmaMap() {
            @Override
            public long iova(long address) {
                long iova = right.iova(address);
                return address / PAGE % 7 == 3 && address % PAGE == 0 && right.iova(address - PAGE) != NONE
                    ? right.iova(address - PAGE) : iova;
            }

            @Override
            public long contiguous(long address, long most) {
                return right.contiguous(address, most);
            }
        };
    }

    @ParameterizedTest
    @EnumSource
    void shouldBeFoundWhenItIsPlanted(Bug bug) {
        int found = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            try (var world = new SimWorld(seed, 1)) {
                run(world, bug);
                world.check();
            } catch (AssertionError | Exception e) {
                found++;
            }
        }
        int times = found;
        assertTrue(bug == Bug.NONE ? times == 0 : times > 0, () -> bug + " was found " + times + " times");
    }
}
