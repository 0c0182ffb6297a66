package dev.karst.vhost;

import dev.karst.base.StorageException;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.bdev.testkit.RealStage;
import dev.karst.env.Environment;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.scsi.core.Devices;
import dev.karst.vhost.blk.BlkDevice;
import dev.karst.vhost.master.Guest;
import dev.karst.vhost.master.Master;
import dev.karst.vhost.scsi.ScsiHost;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** A target on the machine itself, with one controller over a device in memory. */
final class Bench implements AutoCloseable {
    static final String CONTROLLER = "disk";
    static final String BDEV = "Malloc0";
    static final long BLOCKS = 16_384;

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    final Path folder;
    final Environment environment;
    final BdevStage stage;
    final VhostTarget target;
    private final Devices devices;
    private final RealStage real;
    private final boolean anyFile;

    /**
     * @param anyFile whether memory may be unsealed
     */
    Bench(Path folder, boolean anyFile) throws StorageException {
        this.folder = folder;
        this.anyFile = anyFile;
        real = new RealStage();
        stage = real.stage();
        environment = stage.environment();
        stage.add(new MallocModule());
        stage.call("bdev_malloc_create", Map.of("name", BDEV, "num_blocks", BLOCKS, "block_size", 512L));
        devices = new Devices(environment, stage.reactors(), stage.layer());
        target = target(folder);
        target.createBlk(CONTROLLER, BDEV, stage.reactors().all(), new BlkDevice.Options(false, true));
    }

    /** A target of its own over the same devices, without controllers. */
    VhostTarget target(Path sockets) {
        return target(environment, stage.reactors(), sockets);
    }

    /** The same on another machine, or another kind of reactors. */
    VhostTarget target(Environment on, Reactors reactors, Path sockets) {
        return new VhostTarget(on, reactors, stage.layer(), devices, sockets, anyFile);
    }

    /** Serves the block device as a target of a SCSI host, in the place of what is served. */
    ScsiHost serveScsi(int number) throws StorageException {
        target.delete(CONTROLLER);
        var host = (ScsiHost) target.createScsi(CONTROLLER, stage.reactors().all(), true).device();
        host.add(number, BDEV);
        return host;
    }

    /** One more front-end. */
    Master master() throws StorageException {
        return new Master(environment, folder.resolve(CONTROLLER));
    }

    /** One more front-end of a guest that there is. */
    Master master(Guest guest) throws StorageException {
        return new Master(environment, folder.resolve(CONTROLLER), guest);
    }

    /** Waits until no front-end is served any more. */
    void awaitFree() throws StorageException {
        awaitFree(CONTROLLER);
    }

    /** Waits until that controller serves none. */
    void awaitFree(String controller) throws StorageException {
        Controller of = target.controller(controller);
        await(() -> !of.isConnected(), "the front-end is not forgotten");
    }

    /** Waits until this holds on the reactor. */
    void awaitOn(Reactor reactor, BooleanSupplier condition) {
        await(() -> {
            var holds = new AtomicBoolean();
            try {
                stage.on(reactor, () -> holds.set(condition.getAsBoolean()));
            } catch (StorageException e) {
                throw new AssertionError(e);
            }
            return holds.get();
        }, "it never holds");
    }

    private void await(BooleanSupplier condition, String otherwise) {
        long end = environment.clock().nanos() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            if (environment.clock().nanos() > end) {
                throw new AssertionError(otherwise);
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        target.close();
        devices.close();
        real.close();
    }
}
