package dev.karst.bdev.nvme;

import dev.karst.base.StorageException;
import dev.karst.bdev.testkit.BdevStage;

/** The contract with a device that wants most I/Os in parts, and that knows no fused commands. */
class NvmeInPartsContractTest extends NvmeContractTest {
    @Override
    protected void prepare(BdevStage stage) throws StorageException {
        super.prepare(stage);
        driver.mostBytes = 4 * FakeNamespace.BLOCK;
    }
}
