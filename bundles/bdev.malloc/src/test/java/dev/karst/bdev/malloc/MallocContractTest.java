package dev.karst.bdev.malloc;

import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.testkit.BdevModuleContract;
import dev.karst.rpc.ConfigSource.Call;
import java.util.Map;

class MallocContractTest extends BdevModuleContract {
    @Override
    protected BdevModule newModule() {
        return new MallocModule();
    }

    @Override
    protected Call creation(String name) {
        return new Call("bdev_malloc_create", Map.of("name", name, "num_blocks", 512L, "block_size", 512L));
    }

    @Override
    protected String deletion() {
        return "bdev_malloc_delete";
    }
}
