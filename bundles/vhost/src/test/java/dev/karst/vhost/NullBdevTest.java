package dev.karst.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.Mem;
import dev.karst.bdev.nullblk.NullModule;
import dev.karst.spec.virtio.BlkRequest;
import dev.karst.vhost.blk.BlkDevice;
import dev.karst.vhost.master.BlkDriver;
import dev.karst.vhost.master.Master;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A disk that keeps nothing. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class NullBdevTest {
    private static final int BYTES = 4096;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"true, 0", "false, 0x55"})
    void shouldLeaveTheGuestsMemoryAsItWasOnlyWhenTheDeviceWasMadeSo(boolean readsZeros, int left) throws Exception {
        try (var bench = new Bench(folder, false)) {
            bench.stage.add(new NullModule());
            bench.stage.call("bdev_null_create", "name", "Null0", "num_blocks", 2048, "block_size", 512, "read_zeroes", readsZeros);
            bench.target.delete(Bench.CONTROLLER);
            bench.target.createBlk(Bench.CONTROLLER, "Null0", bench.stage.reactors().all(), new BlkDevice.Options(false, true));
            try (Master master = bench.master()) {
                var driver = new BlkDriver(master.begin(16, 0));
                Mem.fill(master.guest.at(BlkDriver.DATA), BYTES, (byte) 0x55);
                assertEquals(BlkRequest.S_OK, driver.read(0, BYTES));
                assertEquals(left, Mem.getByte(master.guest.at(BlkDriver.DATA)));
                assertEquals(left, Mem.getByte(master.guest.at(BlkDriver.DATA) + BYTES - 1));
            }
        }
    }
}
