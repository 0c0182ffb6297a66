package dev.karst.bdev.testkit;

import dev.karst.base.StorageException;
import dev.karst.reactor.sim.SimWorld;
import java.util.List;

/** An owner who, told that the device goes, stops its I/O, waits until all has ended, and closes. */
final class CloseWhenRemoved {
    private final SimWorld world;
    private final List<OpenBdev> opened;
    private final List<RandomIo> all;
    private boolean done;

    CloseWhenRemoved(SimWorld world, List<OpenBdev> opened, List<RandomIo> all) {
        this.world = world;
        this.opened = opened;
        this.all = all;
    }

    void start() {
        world.environment().threads().background().execute(this::look);
    }

    boolean isDone() {
        return done;
    }

    private void look() {
        try {
            if (!opened.stream().allMatch(OpenBdev::isRemoved)) {
                world.environment().schedule().after(100_000, this::start);
                return;
            }
            all.forEach(RandomIo::stop);
            world.until(() -> all.stream().allMatch(RandomIo::isDone));
            for (OpenBdev open : opened) {
                open.close();
            }
            done = true;
        } catch (StorageException e) {
            throw new AssertionError(e);
        }
    }
}
