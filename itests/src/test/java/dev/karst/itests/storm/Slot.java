package dev.karst.itests.storm;

import dev.karst.base.StorageException;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.bdev.testkit.fault.FaultModule;
import dev.karst.bdev.testkit.fault.Faults;
import dev.karst.reactor.sim.SimWorld;
import java.util.function.Supplier;

/** A kind of module: the version that is there, sometimes a second beside it, and what goes wrong in all of them. */
final class Slot {
    private static final long PARKED_FOR_LONG = 9_000_000_000L;

    private final SimWorld world;
    private final BdevStage stage;
    private final Supplier<BdevModule> versions;
    final Faults faults;
    final Watch watch;
    private BdevModule now;
    private BdevModule second;
    private long awaySince;
    private boolean raged;

    Slot(SimWorld world, BdevStage stage, Supplier<BdevModule> versions) {
        this.world = world;
        this.stage = stage;
        this.versions = versions;
        this.faults = new Faults(world.random().split());
        this.watch = new Watch(stage.layer(), world.random().split());
    }

    private BdevModule add() {
        try {
            return stage.add(new WatchedModule(new FaultModule(versions.get(), faults), watch));
        } catch (Faults.Planted e) {
            return null;
        }
    }

    void start() {
        if (now == null) {
            now = add();
        }
    }

    void stop() {
        if (now != null) {
            awaySince = world.clock().nanos();
            stage.remove(now);
            now = second;
            second = null;
        }
    }

    /** Another version comes beside the one that is there, or takes over from it if it did. */
    void second() {
        if (second != null) {
            stop();
        } else if (now != null) {
            second = add();
        }
    }

    /** Another version comes, takes the devices over one by one, and the first goes; or all stays as it was. */
    void handOver() {
        if (now == null) {
            return;
        }
        if (second == null) {
            second = add();
        }
        if (second != null && isHandedOver()) {
            stop();
        }
    }

    private boolean isHandedOver() {
        try {
            stage.layer().handOver().handOver(now, second);
            return true;
        } catch (StorageException e) {
            // What its devices stand on may be what misbehaves.
            StormLoad.require(raged || e.getMessage().contains("planted"), "cannot be handed over: " + e.getMessage());
            return false;
        }
    }

    boolean isDoubled() {
        return second != null;
    }

    void rage() {
        raged = true;
        faults.rage();
        watch.rage();
    }

    void calm() {
        faults.calm();
        watch.calm();
    }

    /** A module that was away for so long, or misbehaved, has cost somebody an error. */
    boolean mayHaveFailed() {
        boolean away = now == null && world.clock().nanos() - awaySince > PARKED_FOR_LONG;
        raged |= away;
        return raged;
    }

    void fails() {
        raged = true;
    }

    long strays() {
        return faults.strays() + watch.strays();
    }
}
