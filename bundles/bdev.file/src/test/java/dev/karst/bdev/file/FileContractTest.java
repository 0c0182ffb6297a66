package dev.karst.bdev.file;

import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.testkit.BdevModuleContract;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.rpc.ConfigSource.Call;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

class FileContractTest extends BdevModuleContract {
    /** For the test on the machine itself; the simulator only uses the path. */
    @TempDir
    private Path folder;

    @Override
    protected BdevModule newModule() {
        return new FileModule();
    }

    @Override
    protected Call creation(String name) {
        return new Call("bdev_aio_create",
            Map.of("name", name, "filename", folder.resolve(name + ".img").toString(), "create_size_mib", 1L));
    }

    @Override
    protected String deletion() {
        return "bdev_aio_delete";
    }

    /** What a file device must hide: transfers cut short, a full ring, slow disks. */
    @Override
    protected void disturb(SimWorld world) {
        world.faults().shortTransferOneIn = 5;
        world.faults().ringFullOneIn = 5;
        world.faults().lateOneIn = 50;
        world.faults().lateNanos = 3_000_000;
    }
}
