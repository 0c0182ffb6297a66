package dev.karst.bdev.malloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.Protection;
import dev.karst.bdev.ProtectionLayout;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.testkit.DirectChannel;
import dev.karst.bdev.testkit.Probe;
import dev.karst.env.Region;
import dev.karst.reactor.sim.SimWorld;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A device's blocks and their metadata, as the module keeps them, in all formats. */
class MallocMetadataTest {
    private static final int BLOCKS = 16;
    private static final int DATA = 512;
    private static final String FORMATS = """
        8, false, 1, false, GUARD_16
        8, true, 1, false, GUARD_16
        16, true, 1, true, GUARD_16
        64, false, 2, false, GUARD_16
        128, true, 3, false, GUARD_16
        16, false, 3, true, GUARD_16
        16, true, 1, false, GUARD_32
        64, false, 2, false, GUARD_32
        16, false, 1, true, GUARD_64
        32, true, 3, false, GUARD_64
        """;

    private final SimWorld world = new SimWorld(1, 1);
    private Metadata format;
    private int blockSize;
    private DirectChannel channel;
    private Region data;
    private Region apart;

    private void make(int bytes, boolean interleaved, int type, boolean atStart, ProtectionLayout layout)
        throws StorageException {
        format = new Metadata(
            bytes, interleaved, type, atStart, type == 3 ? Metadata.GUARD : Metadata.GUARD | Metadata.REFERENCE_TAG,
            layout);
        blockSize = DATA + (interleaved ? bytes : 0);
        Geometry geometry = Geometry.of("a", new UUID(1, 1), "Malloc disk", blockSize, BLOCKS).keeping(format);
        var memory = world.environment().memory();
        Region region = memory.allocate("disk", MallocStore.bytes(geometry));
        var bdev = new MallocBdev(geometry, memory, region);
        bdev.format();
        channel = new DirectChannel(bdev.openChannel(world.reactor(0)));
        data = memory.allocate("data", (long) BLOCKS * blockSize);
        apart = memory.allocate("metadata", (long) BLOCKS * bytes);
    }

    @AfterEach
    void close() {
        world.close();
    }

    private int run(IoType type, int block, int blocks) {
        Probe probe = new Probe().wants(type, block, blocks);
        if (type.hasData()) {
            probe.at(data.address(), blocks * blockSize);
            probe.metadata = format.interleaved() ? 0 : apart.address();
        }
        return channel.run(probe);
    }

    private int copy(int source, int target, int blocks) {
        Probe probe = new Probe().wants(IoType.COPY, target, blocks);
        probe.sourceBlock = source;
        return channel.run(probe);
    }

    private long dataAt(int index) {
        return data.address() + (long) index * blockSize;
    }

    private long metadataAt(int index) {
        return format.interleaved() ? dataAt(index) + DATA : apart.address() + (long) index * format.bytes();
    }

    private void fill(int block, int blocks, int seed) {
        for (int i = 0; i < blocks; i++) {
            Mem.fill(dataAt(i), DATA, (byte) (seed + i));
            Mem.fill(metadataAt(i), format.bytes(), (byte) (seed + i + 1));
            Protection.generate(format, dataAt(i), DATA, metadataAt(i), 7, block + i);
        }
    }

    private void assertFits(int block, int blocks) {
        assertEquals(Status.OK, run(IoType.READ, block, blocks));
        for (int i = 0; i < blocks; i++) {
            int verified = new Protection(format, blockSize)
                .check(dataAt(i), metadataAt(i), 1, block + i, format.checks(), 0);
            assertEquals(Status.OK, verified, "block " + (block + i));
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = FORMATS)
    void shouldHoldProtectionThatFitsWhenNew(
        int bytes, boolean interleaved, int type, boolean atStart, ProtectionLayout layout) throws Exception {
        make(bytes, interleaved, type, atStart, layout);
        assertFits(0, BLOCKS);
        assertEquals(0, layout.applicationTagAt(metadataAt(5) + Protection.offset(format)));
        assertEquals(5, layout.referenceTagAt(metadataAt(5) + Protection.offset(format)));
    }

    @ParameterizedTest
    @CsvSource(textBlock = FORMATS)
    void shouldGiveDataAndMetadataBackWhenWritten(
        int bytes, boolean interleaved, int type, boolean atStart, ProtectionLayout layout) throws Exception {
        make(bytes, interleaved, type, atStart, layout);
        fill(4, 3, 20);
        assertEquals(Status.OK, run(IoType.WRITE, 4, 3));
        Mem.fill(data.address(), data.bytes(), (byte) 0);
        Mem.fill(apart.address(), apart.bytes(), (byte) 0);
        assertFits(4, 3);
        assertEquals(22, Mem.getByte(dataAt(2)));
        int other = atStart ? format.bytes() - 1 : 0;
        if (bytes > layout.bytes) {
            assertEquals(23, Mem.getByte(metadataAt(2) + other));
        }
        assertFits(0, BLOCKS);
    }

    @ParameterizedTest
    @CsvSource(textBlock = FORMATS)
    void shouldReadZeroesThatFitWhenUnmappedOrZeroed(
        int bytes, boolean interleaved, int type, boolean atStart, ProtectionLayout layout) throws Exception {
        make(bytes, interleaved, type, atStart, layout);
        for (IoType zeroing : new IoType[] {IoType.UNMAP, IoType.WRITE_ZEROES}) {
            fill(2, 6, 40);
            assertEquals(Status.OK, run(IoType.WRITE, 2, 6));
            assertEquals(Status.OK, run(zeroing, 3, 4));
            assertFits(2, 6);
            assertEquals(0, Mem.getLong(dataAt(1)));
            assertTrue(Protection.isEscaped(format, metadataAt(4)));
            assertEquals(45, Mem.getByte(dataAt(5)));
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = FORMATS)
    void shouldFitItsNewPlaceWhenCopied(
        int bytes, boolean interleaved, int type, boolean atStart, ProtectionLayout layout) throws Exception {
        make(bytes, interleaved, type, atStart, layout);
        fill(1, 3, 60);
        assertEquals(Status.OK, run(IoType.WRITE, 1, 3));
        assertEquals(Status.OK, copy(1, 10, 3));
        assertFits(10, 3);
        assertEquals(62, Mem.getByte(dataAt(2)));
        assertEquals(7, layout.applicationTagAt(metadataAt(2) + Protection.offset(format)));
        assertFits(1, 3);
    }

    @ParameterizedTest
    @CsvSource(textBlock = FORMATS)
    void shouldCompareMetadataTooWhenComparing(
        int bytes, boolean interleaved, int type, boolean atStart, ProtectionLayout layout) throws Exception {
        make(bytes, interleaved, type, atStart, layout);
        fill(0, 4, 80);
        assertEquals(Status.OK, run(IoType.WRITE, 0, 4));
        assertEquals(Status.OK, run(IoType.COMPARE, 0, 4));
        Mem.setByte(metadataAt(3), (byte) (Mem.getByte(metadataAt(3)) ^ 1));
        assertEquals(Status.MISCOMPARE, run(IoType.COMPARE, 0, 4));
        Mem.setByte(metadataAt(3), (byte) (Mem.getByte(metadataAt(3)) ^ 1));
        Mem.setByte(dataAt(3) + 511, (byte) 1);
        assertEquals(Status.MISCOMPARE, run(IoType.COMPARE, 0, 4));
    }
}
