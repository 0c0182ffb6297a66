package dev.karst.env.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.FileOp;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the simulated disk promises. */
class SimDiskTest {
    private static final int BYTES = 64 * 1024;

    @Test
    void shouldReadWhatWasWrittenWhenOperationsOfAllKindsFollowEachOther() throws Exception {
        for (int seed = 0; seed < 50; seed++) {
            try (var disk = new Disk(seed, BYTES)) {
                disk.environment.faults().shortTransferOneIn = seed % 3;
                disk.environment.faults().ioErrorOneIn = seed % 4 * 5;
                play(disk, new byte[BYTES]);
            }
        }
    }

    private static void play(Disk disk, byte[] model) throws StorageException {
        FileOp.Kind[] kinds = FileOp.Kind.values();
        for (int step = 0; step < 200; step++) {
            int offset = disk.random.below(BYTES / 512) * 512;
            int length = (1 + disk.random.below((BYTES - offset) / 512)) * 512;
            Disk.Op op = disk.op(kinds[disk.random.below(kinds.length)], offset, length);
            byte[] bytes = new byte[length];
            disk.random.bytes(bytes);
            Mem.put(op.region.address(), bytes, 0, length);
            disk.submit(op);
            disk.await(op);
            hold(op, bytes, model);
            assertArrayEquals(model, disk.content().read(0, BYTES));
            disk.environment.memory().free(op.region);
        }
    }

    /** Does to the model what the operation says it did, or holds against it what it read. */
    private static void hold(Disk.Op op, byte[] bytes, byte[] model) {
        int from = (int) op.offset;
        if (op.result < 0) {
            assertEquals(-Errno.EIO, op.result);
            return;
        }
        switch (op.kind) {
            case WRITE -> System.arraycopy(bytes, 0, model, from, op.result);
            case PUNCH, ZERO -> Arrays.fill(model, from, from + (int) op.length, (byte) 0);
            case READ -> assertTrue(Arrays.equals(op.bytes(), 0, op.result, model, from, from + op.result));
            case SYNC -> assertEquals(0, op.result);
        }
    }

    @Test
    void shouldCompleteEachOnceAndInAnyOrderWhenManyAreInFlight() throws Exception {
        boolean reordered = false;
        for (int seed = 0; seed < 20; seed++) {
            try (var disk = new Disk(seed, BYTES)) {
                disk.environment.faults().ringFullOneIn = 5;
                List<Disk.Op> ops = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    ops.add(disk.write(i % 128 * 512L, 512, i));
                }
                reordered |= ops.getLast().result == null && ops.get(90).result != null;
                disk.await(ops.toArray(Disk.Op[]::new));
                assertEquals(0, disk.ring.inFlight());
                ops.forEach(op -> assertEquals(512, op.result));
            }
        }
        assertTrue(reordered);
    }

    @Test
    void shouldStopAtTheEndOfTheFileWhenAReadReachesPastIt() throws Exception {
        try (var disk = new Disk(1, 1024)) {
            Disk.Op op = disk.submit(FileOp.Kind.READ, 512, 4096);
            disk.await(op);
            assertEquals(512, op.result);
        }
    }

    @Test
    void shouldRefuseWhatIsNotAligned() throws Exception {
        try (var disk = new Disk(1, BYTES)) {
            Disk.Op op = disk.write(100, 512, 1);
            disk.await(op);
            assertEquals(-Errno.EINVAL, op.result);
        }
    }

    @Test
    void shouldSayNoSpaceWhenTheDiskIsFullButOverwriteWhatIsThere() throws Exception {
        try (var disk = new Disk(1, BYTES)) {
            disk.environment.faults().diskBytes = 8192;
            Disk.Op first = disk.write(0, 8192, 1);
            disk.await(first);
            Disk.Op second = disk.write(8192, 512, 1);
            Disk.Op third = disk.write(0, 512, 2);
            disk.await(second, third);
            assertEquals(8192, first.result);
            assertEquals(-Errno.ENOSPC, second.result);
            assertEquals(512, third.result);
        }
    }

    @Test
    void shouldCompleteOnlyWhenCancelledIfItIsStuck() throws Exception {
        try (var disk = new Disk(1, BYTES)) {
            disk.environment.faults().stuckOneIn = 1;
            Disk.Op op = disk.write(0, 512, 1);
            assertThrows(AssertionError.class, () -> disk.await(op));
            disk.ring.cancel(op);
            disk.await(op);
            assertEquals(-Errno.ECANCELED, op.result);
            assertEquals(0, disk.content().read(0, 1)[0]);
        }
    }

    @Test
    void shouldBeLateWhenToldTo() throws Exception {
        try (var disk = new Disk(1, BYTES)) {
            disk.environment.faults().lateOneIn = 1;
            long before = disk.environment.clock().nanos();
            disk.await(disk.write(0, 512, 1));
            assertTrue(disk.environment.clock().nanos() - before >= 5_000_000_000L);
        }
    }

    @Test
    void shouldSayWhichFileWhenItIsMissingOrThereAlready() throws Exception {
        try (var disk = new Disk(1, BYTES)) {
            SimFiles files = disk.environment.files();
            var missing = assertThrows(StorageException.class, () -> files.open(Path.of("/none"), false));
            assertEquals(-Errno.ENOENT, missing.code());
            assertEquals(-Errno.EEXIST, assertThrows(StorageException.class, () -> files.create(Disk.PATH, 1)).code());
            assertFalse(files.exists(Path.of("/none")));
        }
    }

    @Test
    void shouldFailLoudlyWhenAFileIsClosedWithOperationsInFlight() throws Exception {
        try (var disk = new Disk(1, BYTES)) {
            Disk.Op op = disk.write(0, 512, 1);
            assertThrows(IllegalStateException.class, disk.file::close);
            disk.await(op);
            disk.file.close();
        }
    }
}
