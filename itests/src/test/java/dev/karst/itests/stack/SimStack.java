package dev.karst.itests.stack;

import dev.karst.base.StorageException;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.nullblk.NullModule;
import dev.karst.nvmf.testkit.Venue;
import dev.karst.reactor.sim.SimWorld;
import java.util.List;
import java.util.Map;

/** All layers in a simulated world. */
final class SimStack extends Served {
    private final SimWorld world;

    SimStack(SimWorld world) throws StorageException {
        this(world, List.of(new MallocModule(), new NullModule()), Bug.NONE, Map.of());
    }

    /** With these modules, and something wrong; transfers are short, so that a world is made quickly. */
    SimStack(SimWorld world, List<BdevModule> modules, Bug bug) throws StorageException {
        this(world, modules, bug, Map.of("max_io_size", 32_768L));
    }

    private SimStack(SimWorld world, List<BdevModule> modules, Bug bug, Map<String, Object> options) throws StorageException {
        super(world.environment(), world.reactors(), modules, options, bug);
        this.world = world;
    }

    @Override
    Venue way() {
        return Venue.simulated(world, port);
    }

    /** Fails unless all that is held comes down to what was held before, within a time-out of the target. */
    void awaitHoldings(Map<String, Long> before) throws StorageException {
        Map<String, Long> now = holdings();
        for (int i = 0; i < 400 && !now.equals(before); i++) {
            world.runFor(100);
            now = holdings();
        }
        if (!now.equals(before)) {
            throw new AssertionError("held are " + now + ", before it was " + before);
        }
    }
}
