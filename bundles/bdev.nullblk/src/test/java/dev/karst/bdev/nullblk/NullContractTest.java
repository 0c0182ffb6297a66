package dev.karst.bdev.nullblk;

import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.testkit.BdevModuleContract;
import dev.karst.rpc.ConfigSource.Call;
import java.util.Map;

class NullContractTest extends BdevModuleContract {
    @Override
    protected BdevModule newModule() {
        return new NullModule();
    }

    @Override
    protected Call creation(String name) {
        return new Call("bdev_null_create", Map.of("name", name, "num_blocks", 512L, "block_size", 4096L));
    }

    @Override
    protected String deletion() {
        return "bdev_null_delete";
    }

    @Override
    protected boolean keepsData() {
        return false;
    }
}
