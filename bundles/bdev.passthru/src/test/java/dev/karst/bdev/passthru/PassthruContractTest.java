package dev.karst.bdev.passthru;

import dev.karst.base.StorageException;
import dev.karst.bdev.malloc.MallocModule;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.testkit.BdevModuleContract;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.rpc.ConfigSource.Call;
import java.util.Map;

class PassthruContractTest extends BdevModuleContract {
    @Override
    protected void prepare(BdevStage stage) throws StorageException {
        stage.add(new MallocModule());
        stage.call("bdev_malloc_create", "name", "Base0", "num_blocks", 512, "block_size", 512);
    }

    @Override
    protected BdevModule newModule() {
        return new PassthruModule();
    }

    @Override
    protected Call creation(String name) {
        return new Call("bdev_passthru_create", Map.of("name", name, "base_bdev_name", "Base0"));
    }

    @Override
    protected String deletion() {
        return "bdev_passthru_delete";
    }
}
