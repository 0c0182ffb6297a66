package dev.karst.bdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProtectionTest {
    private static final int DATA = 512;
    private static final int BYTES = 4096;
    private static final int ALL = Metadata.GUARD | Metadata.APPLICATION_TAG | Metadata.REFERENCE_TAG;
    private static final int CHECKS = Metadata.GUARD | Metadata.REFERENCE_TAG;

    private Arena arena;
    private long data;
    private long metadata;

    @BeforeEach
    void allocate() {
        arena = Arena.ofConfined();
        data = arena.allocate(BYTES, 8).address();
        metadata = data + DATA;
        Mem.register(data, BYTES);
        for (int i = 0; i < BYTES; i++) {
            Mem.setByte(data + i, (byte) (i * 7));
        }
    }

    @AfterEach
    void free() {
        Mem.unregister(data);
        arena.close();
    }

    private static Metadata format(int bytes, int type, boolean atStart) {
        return new Metadata(bytes, true, type, atStart, type == 3 ? Metadata.GUARD : CHECKS);
    }

    private void generate(Metadata format, int reference) {
        Protection.generate(format, data, DATA, metadata, 0x1234, reference);
    }

    private int verify(Metadata format, int reference) {
        return new Protection(format, DATA + format.bytes()).check(data, 0, 1, reference, format.checks(), 0);
    }

    @Test
    void shouldWriteTheFieldsBigEndianAtTheEndWhenNotAtStart() {
        Protection.write(metadata, 0xABCD, 0x1234, 0x89ABCDEF);
        int[] expected = {0xAB, 0xCD, 0x12, 0x34, 0x89, 0xAB, 0xCD, 0xEF};
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], Mem.getU8(metadata + i));
        }
        assertEquals(0, Protection.offset(format(16, 1, true)));
        assertEquals(8, Protection.offset(format(16, 1, false)));
        assertEquals(0xABCD, Protection.guardAt(metadata));
        assertEquals(0x1234, Protection.applicationTagAt(metadata));
        assertEquals(0x89ABCDEF, Protection.referenceTagAt(metadata));
    }

    @Test
    void shouldFitWhenGeneratedAndNotWhenAnythingCoveredChanges() {
        for (boolean atStart : new boolean[] {false, true}) {
            Metadata format = format(16, 1, atStart);
            generate(format, 77);
            assertEquals(Status.OK, verify(format, 77));
            assertEquals(Status.REFERENCE_TAG_CHECK, verify(format, 78));
            Mem.setByte(data + 511, (byte) (Mem.getByte(data + 511) ^ 1));
            assertEquals(Status.GUARD_CHECK, verify(format, 77));
        }
    }

    /** NVM Command Set 1.1, 5.3.1: metadata before the protection information is covered, metadata behind it is not. */
    @Test
    void shouldCoverMetadataOnlyWhenItComesBefore() {
        Metadata behind = format(16, 1, false);
        generate(behind, 1);
        Mem.setByte(metadata, (byte) (Mem.getByte(metadata) ^ 1));
        assertEquals(Status.GUARD_CHECK, verify(behind, 1));
        Metadata before = format(16, 1, true);
        generate(before, 1);
        Mem.setByte(metadata + 15, (byte) (Mem.getByte(metadata + 15) ^ 1));
        assertEquals(Status.OK, verify(before, 1));
    }

    @Test
    void shouldNotCheckWhenTheTagsSayEscape() {
        for (int type = 1; type <= 3; type++) {
            Metadata format = format(8, type, false);
            Protection.write(metadata, 1, Protection.ESCAPE, 5);
            assertEquals(type != 3, Protection.isEscaped(format, metadata));
            assertEquals(type != 3 ? Status.OK : Status.GUARD_CHECK, verify(format, 9));
            Protection.write(metadata, 1, Protection.ESCAPE, Protection.REFERENCE_ESCAPE);
            assertTrue(Protection.isEscaped(format, metadata));
        }
    }

    @Test
    void shouldKeepOnlyTheReferenceTagApartWhenMoved() {
        Metadata format = format(8, 1, false);
        generate(format, 1);
        int guard = Protection.guardAt(metadata);
        Protection.move(format, metadata, 900);
        assertEquals(Status.OK, verify(format, 900));
        assertEquals(guard, Protection.guardAt(metadata));
        assertEquals(0x1234, Protection.applicationTagAt(metadata));
        Protection.write(metadata, 0, Protection.ESCAPE, 3);
        Protection.move(format, metadata, 4);
        assertEquals(3, Protection.referenceTagAt(metadata));
        assertFalse(Protection.isEscaped(format(8, 3, false), metadata));
    }

    /** Interleaved or apart, at the start or the end, alone or with other metadata. */
    @ParameterizedTest
    @CsvSource({"8,true,1,true", "8,false,1,false", "64,true,2,false", "16,false,3,true", "16,true,1,false"})
    void shouldFindEachChangeWhenBlocksAreProtected(int bytes, boolean interleaved, int type, boolean atStart) {
        var format = new Metadata(bytes, interleaved, type, atStart, ALL);
        var protection = new Protection(format, interleaved ? DATA + bytes : DATA);
        long apart = data + BYTES - 512;
        protection.insert(data, apart, 4, 0x1_0000_0010L, 0x1234);
        int tag = 0xffff << 16 | 0x1234;
        assertEquals(Status.OK, protection.check(data, apart, 4, 0x1_0000_0010L, ALL, tag));
        long at = protection.metadata(data, apart, 2) + Protection.offset(format);
        assertEquals(type == 3 ? 0 : 0x12, Protection.referenceTagAt(at));
        assertEquals(Status.APPLICATION_TAG_CHECK, protection.check(data, apart, 4, 16, ALL, 0xffff << 16 | 0x1235));
        assertEquals(Status.OK, protection.check(data, apart, 4, 16, ALL, 0xfff0 << 16 | 0x1235));
        int wrongPlace = protection.check(data, apart, 4, 17, ALL, tag);
        assertEquals(type == 3 ? Status.OK : Status.REFERENCE_TAG_CHECK, wrongPlace);
        protection.move(data, apart, 4, 17);
        assertEquals(Status.OK, protection.check(data, apart, 4, 17, ALL, tag));
        long last = protection.data(data, 3) + 511;
        Mem.setByte(last, (byte) (Mem.getByte(last) ^ 1));
        assertEquals(Status.GUARD_CHECK, protection.check(data, apart, 4, 17, ALL, tag));
        assertEquals(Status.OK, protection.check(data, apart, 3, 17, ALL, tag));
        assertEquals(Status.OK, protection.check(data, apart, 4, 17, ALL & ~Metadata.GUARD, tag));
    }
}
