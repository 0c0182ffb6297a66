package dev.karst.bdev.malloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.IoType;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.ProtectionLayout;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.bdev.testkit.OpenBdev;
import dev.karst.bdev.testkit.Probe;
import dev.karst.env.Region;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MallocModuleTest {
    private static final String UUID = "11111111-2222-3333-4444-555555555555";

    private final SimWorld world = new SimWorld(1, 1);
    private final BdevStage stage = new BdevStage(world);
    private final MallocModule module = new MallocModule();

    @BeforeEach
    void start() {
        stage.add(module);
    }

    @AfterEach
    void stop() {
        world.close();
    }

    private void assertRefused(int errno, String part, Object... parameters) {
        var refused = assertThrows(StorageException.class, () -> stage.call("bdev_malloc_create", parameters));
        assertEquals(-errno, refused.code(), refused.getMessage());
        assertTrue(refused.getMessage().startsWith(Errno.text(errno)), refused.getMessage());
        assertTrue(refused.getMessage().contains(part), refused.getMessage());
    }

    @Test
    void shouldRefuseWhenBlockSizeIsNoPowerOfTwo() {
        assertRefused(Errno.EINVAL, "block_size is 513", "num_blocks", 100, "block_size", 513);
        assertRefused(Errno.EINVAL, "block_size is 256", "num_blocks", 100, "block_size", 256);
        assertRefused(Errno.EINVAL, "block_size is 131072", "num_blocks", 100, "block_size", 131072);
    }

    @Test
    void shouldRefuseWhenThereAreNoBlocksOrTooMany() {
        assertRefused(Errno.EINVAL, "num_blocks is 0", "num_blocks", 0, "block_size", 512);
        assertRefused(Errno.EINVAL, "num_blocks is", "num_blocks", Long.MAX_VALUE, "block_size", 512);
    }

    @Test
    void shouldRefuseWhenMetadataMakesNoSense() {
        assertRefused(Errno.EINVAL, "md_size is 9", "num_blocks", 8, "block_size", 512, "md_size", 9);
        assertRefused(Errno.EINVAL, "md_size is 0", "num_blocks", 8, "block_size", 512, "dif_type", 1);
        assertRefused(
            Errno.EINVAL, "dif_type is 4", "num_blocks", 8, "block_size", 512, "md_size", 8, "dif_type", 4);
        assertRefused(
            Errno.EINVAL, "dif_pi_format is 3", "num_blocks", 8, "block_size", 512, "md_size", 16, "dif_type", 1,
            "dif_pi_format", 3);
        assertRefused(
            Errno.EINVAL, "md_size is 8; give an md_size of 16", "num_blocks", 8, "block_size", 512, "md_size", 8, "dif_type", 1,
            "dif_pi_format", 2);
        assertRefused(
            Errno.EINVAL, "optimal_io_boundary is 3", "num_blocks", 8, "block_size", 512, "optimal_io_boundary", 3);
    }

    @Test
    void shouldSayMetadataAndBoundaryWhenAskedFor() throws Exception {
        stage.call(
            "bdev_malloc_create", "name", "a", "num_blocks", 64, "block_size", 512, "md_size", 16, "dif_type", 2,
            "dif_is_head_of_md", true, "dif_pi_format", 1, "optimal_io_boundary", 8, "physical_block_size", 4096, "numa_id", 1);
        Bdev bdev = stage.layer().find("a").orElseThrow();
        int checks = Metadata.GUARD | Metadata.REFERENCE_TAG;
        assertEquals(new Metadata(16, false, 2, true, checks, ProtectionLayout.GUARD_32), bdev.metadata());
        assertEquals(8, bdev.optimalBoundaryBlocks());
        assertEquals(4096, bdev.physicalBlockSize());
        assertEquals(512, bdev.dataBlockSize());
        var shown = (Map<?, ?>) ((List<?>) stage.call("bdev_get_bdevs", "name", "a")).getFirst();
        assertEquals(16L, shown.get("md_size"));
        assertEquals(false, shown.get("md_interleave"));
        assertEquals(2L, shown.get("dif_type"));
        assertEquals(true, shown.get("dif_is_head_of_md"));
        assertEquals(Map.of("reftag", true, "apptag", false, "guard", true), shown.get("enabled_dif_check_types"));
        assertEquals(1L, shown.get("dif_pi_format"));
    }

    @Test
    void shouldInterleaveMetadataWhenTheBlockSizeCountsItInAsSpdkSavesIt() throws Exception {
        stage.call(
            "bdev_malloc_create", "name", "a", "num_blocks", 64, "block_size", 4104, "physical_block_size", 4096, "md_size", 8,
            "dif_type", 1);
        Bdev bdev = stage.layer().find("a").orElseThrow();
        assertEquals(new Metadata(8, true, 1, false, Metadata.GUARD | Metadata.REFERENCE_TAG), bdev.metadata());
        assertEquals(4104, bdev.blockSize());
        assertEquals(4096, bdev.dataBlockSize());
        Map<String, Object> saved = stage.front().calls().getFirst().parameters();
        assertEquals(List.of(4096L, 8L, true), List.of(saved.get("block_size"), saved.get("md_size"), saved.get("md_interleave")));
        assertRefused(Errno.EINVAL, "block_size is 4104", "num_blocks", 8, "block_size", 4104);
        assertRefused(Errno.EINVAL, "block_size is 4104", "num_blocks", 8, "block_size", 4104, "md_size", 16);
    }

    @Test
    void shouldCopyAndCompareWhenAsked() throws Exception {
        create("a");
        OpenBdev open = stage.open("a", world.reactor(0));
        Region memory = stage.environment().memory().allocate("test", 4096);
        Mem.fill(memory.address(), 1024, (byte) 5);
        assertEquals(Status.OK, open.move(IoType.WRITE, 0, 2, memory));
        Probe copy = new Probe().wants(IoType.COPY, 4, 2);
        assertEquals(Status.OK, open.run(copy));
        assertEquals(Status.OK, open.move(IoType.COMPARE, 4, 2, memory));
        assertEquals(Status.MISCOMPARE, open.move(IoType.COMPARE, 5, 2, memory));
        open.close();
    }

    @Test
    void shouldShowItsMemoryInsteadOfCopyingWhenThatIsTakenAndKeepItWhileItIsShown() throws Exception {
        stage.call("bdev_malloc_create", "name", "a", "num_blocks", 64, "block_size", 512);
        OpenBdev open = stage.open("a", world.reactor(0));
        Region memory = stage.environment().memory().allocate("test", 8192);
        Mem.fill(memory.address(), 8192, (byte) 5);
        assertEquals(Status.OK, open.move(IoType.WRITE, 3, 16, memory));
        Mem.fill(memory.address(), 8192, (byte) 0);
        Probe read = new Probe().wants(IoType.READ, 3, 16).at(memory.address(), 8192);
        read.takesView = true;
        assertEquals(Status.OK, open.run(read));
        assertEquals(0, Mem.getByte(memory.address()), "copied all the same");
        open.close();
        stage.call("bdev_malloc_delete", "name", "a");
        assertEquals(5, Mem.getByte(read.view.address()));
        assertEquals(5, Mem.getByte(read.view.address() + 8191));
        long given = world.environment().memory().givenBytes();
        read.view.release();
        assertEquals(64 * 512, given - world.environment().memory().givenBytes());
    }

    @Test
    void shouldCopyWhenThereIsLittleOrMetadataIsWanted() throws Exception {
        stage.call("bdev_malloc_create", "name", "a", "num_blocks", 64, "block_size", 512, "md_size", 8);
        OpenBdev open = stage.open("a", world.reactor(0));
        Region memory = stage.environment().memory().allocate("test", 3 * 8192);
        Mem.fill(memory.address(), 8192, (byte) 5);
        assertEquals(Status.OK, open.move(IoType.WRITE, 0, 16, memory));
        for (int blocks : new int[] {15, 16}) {
            Probe read = new Probe().wants(IoType.READ, 0, blocks).at(memory.address() + 8192, blocks * 512);
            read.takesView = true;
            read.metadata = blocks == 16 ? memory.address() + 2 * 8192 : 0;
            assertEquals(Status.OK, open.run(read));
            assertEquals(0, read.view.address());
            assertEquals(5, Mem.getByte(memory.address() + 8192));
            Mem.fill(memory.address() + 8192, 8192, (byte) 0);
        }
        open.close();
    }

    @Test
    void shouldLeaveNoMemoryWhenRefused() throws Exception {
        stage.call("bdev_malloc_create", "name", "a", "num_blocks", 8, "block_size", 512, "uuid", UUID);
        int before = stage.environment().memory().regions().size();
        assertRefused(Errno.EEXIST, "a", "name", "a", "num_blocks", 8, "block_size", 512);
        assertRefused(Errno.EEXIST, UUID, "name", "b", "num_blocks", 8, "block_size", 512, "uuid", UUID);
        world.faults().memoryBytes = 1;
        assertRefused(Errno.ENOMEM, "", "name", "c", "num_blocks", 8, "block_size", 512);
        assertEquals(before, stage.environment().memory().regions().size());
    }

    @Test
    void shouldTakeTheFirstFreeNameWhenNoneIsGiven() throws Exception {
        assertEquals("Malloc0", stage.call("bdev_malloc_create", "num_blocks", 8, "block_size", 512));
        assertEquals("Malloc1", stage.call("bdev_malloc_create", "num_blocks", 8, "block_size", 512));
        stage.call("bdev_malloc_delete", "name", "Malloc0");
        assertEquals("Malloc0", stage.call("bdev_malloc_create", "num_blocks", 8, "block_size", 512));
    }

    private long regionsOfTheUuid() {
        return stage.environment().memory().regions().stream().filter(it -> it.name().endsWith(UUID)).count();
    }

    private void create(String name, List<StorageException> refused) {
        try {
            create(name);
        } catch (StorageException e) {
            refused.add(e);
        }
    }

    private void create(String name) throws StorageException {
        stage.call("bdev_malloc_create", "name", name, "num_blocks", 8, "block_size", 512, "uuid", UUID);
    }

    @Test
    void shouldKeepTheMemoryOfTheOtherWhenTwoCreateWithOneUuidAtOnce() throws Exception {
        List<StorageException> refused = new ArrayList<>();
        module.start(MeddlingHost.over(stage, UUID, () -> create("other", refused)));
        create("one", refused);
        assertEquals(List.of(-Errno.EEXIST), refused.stream().map(StorageException::code).toList());
        assertEquals(1, stage.layer().all().size());
        assertEquals(1, regionsOfTheUuid());
    }

    @Test
    void shouldGiveTheMemoryBackWhenTheModuleDoesNotComeBackInTime() throws Exception {
        create("a");
        assertEquals(1, regionsOfTheUuid());
        stage.remove(module);
        assertEquals(1, regionsOfTheUuid());
        world.until(() -> stage.layer().find("a").isEmpty());
        assertEquals(0, regionsOfTheUuid());
    }

    @Test
    void shouldKeepTheMemoryWhenTheBlockLayerItselfGoes() throws Exception {
        create("a");
        stage.layer().close();
        assertEquals(1, regionsOfTheUuid());
    }

    @Test
    void shouldReadZeroesWhenALostDeviceOfTheSameUuidLeftItsMemory() throws Exception {
        Region lost = stage.environment().memory().named("bdev.malloc/" + UUID, 4096);
        Mem.fill(lost.address(), 4096, (byte) 7);
        stage.call("bdev_malloc_create", "name", "a", "num_blocks", 8, "block_size", 512, "uuid", UUID);
        OpenBdev open = stage.open("a", world.reactor(0));
        Region memory = stage.environment().memory().allocate("test", 4096);
        assertEquals(Status.OK, open.move(IoType.READ, 0, 8, memory));
        for (int at = 0; at < 4096; at += 8) {
            assertEquals(0, Mem.getLong(memory.address() + at));
        }
        open.close();
    }
}
