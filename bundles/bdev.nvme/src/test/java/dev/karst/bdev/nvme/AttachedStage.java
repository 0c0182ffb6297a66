package dev.karst.bdev.nvme;

import dev.karst.base.StorageException;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.reactor.sim.SimWorld;
import java.util.List;

/** A block layer with the module and a fake driver with one namespace of 512 blocks. */
final class AttachedStage {
    static final String NQN = FakeController.SUBSYSTEM;

    final SimWorld world;
    final BdevStage stage;
    final FakeDriver driver;
    NvmeModule module = new NvmeModule();

    AttachedStage(SimWorld world) throws StorageException {
        this.world = world;
        stage = new BdevStage(world);
        driver = new FakeDriver(world.environment(), world.reactors(), oneIn -> world.random().oneIn(oneIn));
        driver.add(1, 512);
        module.setDriver(driver);
        stage.add(module);
    }

    /** Attaches the controller at a port; the devices. */
    List<?> attach(int port, Object... more) throws StorageException {
        Object[] base = {"name", "Nvme0", "trtype", "TCP", "adrfam", "IPv4", "traddr", "127.0.0.1", "trsvcid", "" + port, "subnqn", NQN};
        Object[] all = new Object[base.length + more.length];
        System.arraycopy(base, 0, all, 0, base.length);
        System.arraycopy(more, 0, all, base.length, more.length);
        return (List<?>) stage.call("bdev_nvme_attach_controller", all);
    }

    /** The module's bundle is replaced by another version of itself. */
    void replace() {
        stage.remove(module);
        module = new NvmeModule();
        module.setDriver(driver);
        stage.add(module);
    }
}
