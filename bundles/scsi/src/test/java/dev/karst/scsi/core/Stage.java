package dev.karst.scsi.core;

import dev.karst.base.StorageException;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.file.FileModule;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.bdev.testkit.TestModule;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcMethod;
import dev.karst.scsi.ScsiDevice;
import dev.karst.scsi.TargetPort;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A device on a simulated machine, with block devices in memory. */
final class Stage {
    static final String NAME = "iqn.2026-11.dev.karst:disk";
    static final TargetPort PORT = new TargetPort(1, NAME + ",t,0x0001", TargetPort.ISCSI);
    /** Blocks of 512 bytes of the usual logical unit. */
    static final int BLOCKS = 8192;

    /** Something done with a device and an initiator that has been told all. */
    interface Body {
        void run(Stage stage, FakeInitiator initiator) throws Exception;
    }

    final SimWorld world;
    final BlockLayer bdevs;
    final MallocModule malloc = new MallocModule();
    final TestModule module;
    final Devices devices;
    final ScsiDevice device;

    Stage(SimWorld world) throws StorageException {
        this.world = world;
        bdevs = new BlockLayer(world.environment(), world.reactors());
        module = new TestModule(world.random().split());
        bdevs.addModule(malloc);
        bdevs.addModule(module);
        devices = new Devices(world.environment(), world.reactors(), bdevs, Path.of("/data"));
        device = devices.create(NAME);
        device.addPort(PORT);
    }

    /** With a device of 4 MiB as logical unit 0, and one with a volatile cache and 256 blocks as 1. */
    static void with(Body body) {
        SimWorld.run(1, 3, world -> {
            var stage = new Stage(world);
            stage.create("Malloc0", BLOCKS);
            stage.module.create("Slow", 256, false, true);
            stage.device.addUnit(0, "Malloc0");
            stage.device.addUnit(1, "Slow");
            FakeInitiator initiator = stage.initiator("iqn.host:one").ready(0).ready(1);
            stage.module.seen.clear();
            body.run(stage, initiator);
            initiator.close();
            stage.close();
        });
    }

    void create(String name, long blocks) throws StorageException {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("name", name);
        parameters.put("num_blocks", blocks);
        parameters.put("block_size", 512L);
        RpcMethod create = malloc.methods().getFirst();
        create.handler().call(RpcChecks.check(create, parameters));
    }

    /** A new sparse file of so many MiB as a block device. */
    void file(String name, long mebibytes) throws StorageException {
        var files = new FileModule();
        bdevs.addModule(files);
        RpcMethod create = files.methods().stream().filter(method -> method.name().equals("bdev_uring_create")).findAny()
            .orElseThrow();
        create.handler().call(RpcChecks.check(
            create, Map.of("name", name, "filename", "/data/" + name, "create_size_mib", mebibytes)));
    }

    FakeInitiator initiator(String name) throws Exception {
        return initiator(name, world.reactors().next());
    }

    FakeInitiator initiator(String name, Reactor reactor) throws Exception {
        FakeInitiator initiator = FakeInitiator.open(world, device, name + ",i,0x000000000001", reactor);
        initiator.pieces = 1 + world.random().below(3);
        return initiator;
    }

    /** Ends everything, and says what was left behind. */
    void close() throws StorageException {
        devices.close();
        FakeInitiator.check(bdevs.all().stream().allMatch(bdev -> bdev.claimedBy() == null), "a block device is still claimed");
        bdevs.close();
    }
}
