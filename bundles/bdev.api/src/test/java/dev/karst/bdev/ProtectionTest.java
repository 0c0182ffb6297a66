package dev.karst.bdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import java.lang.foreign.Arena;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ProtectionTest {
    private static final int DATA = 512;
    private static final int BYTES = 4096;
    private static final int ALL = Metadata.GUARD | Metadata.APPLICATION_TAG | Metadata.REFERENCE_TAG;
    /** A block whose number no reference tag of 48 bits can have. */
    private static final long FAR = 0x12_3456_0000_0010L;
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

    private static Metadata format(int bytes, int type, boolean atStart, ProtectionLayout layout) {
        return new Metadata(bytes, true, type, atStart, type == 3 ? Metadata.GUARD : CHECKS, layout);
    }

    private void generate(Metadata format, int reference) {
        Protection.generate(format, data, DATA, metadata, 0x1234, reference);
    }

    private int verify(Metadata format, int reference) {
        return new Protection(format, DATA + format.bytes()).check(data, 0, 1, reference, format.checks(), 0);
    }

    /** NVM Command Set 1.1, figures of 5.3.1.1 to 5.3.1.3. */
    @ParameterizedTest
    @CsvSource({"GUARD_16, ABCD123489ABCDEF, ABCD, 89ABCDEF",
        "GUARD_32, 0BADCAFE123400000123456789ABCDEF, BADCAFE, 0123456789ABCDEF",
        "GUARD_64, FEDCBA9876543210123456789ABCDEF0, FEDCBA9876543210, 56789ABCDEF0"})
    void shouldWriteTheFieldsBigEndianWhereTheStandardHasThem(ProtectionLayout layout, String bytes, String guard, String tag) {
        long reference = Long.parseUnsignedLong(tag, 16);
        layout.write(metadata, Long.parseUnsignedLong(guard, 16), 0x1234, reference | ~layout.referenceMask);
        byte[] written = new byte[layout.bytes];
        Mem.get(metadata, written, 0, written.length);
        assertEquals(bytes, HexFormat.of().withUpperCase().formatHex(written));
        assertEquals(Long.parseUnsignedLong(guard, 16), layout.guardAt(metadata));
        assertEquals(0x1234, layout.applicationTagAt(metadata));
        assertEquals(reference, layout.referenceTagAt(metadata));
        layout.setReferenceTag(metadata, 7);
        assertEquals(7, layout.referenceTagAt(metadata));
        assertEquals(0x1234, layout.applicationTagAt(metadata));
        assertEquals(0, Protection.offset(format(32, 1, true, layout)));
        assertEquals(32 - layout.bytes, Protection.offset(format(32, 1, false, layout)));
    }

    @ParameterizedTest
    @EnumSource
    void shouldKnowTheGuardOfZerosWhenThereAreOnlyZeros(ProtectionLayout layout) {
        Mem.fill(data, BYTES, (byte) 0);
        assertEquals(layout.guard(data, DATA, metadata, 48), layout.guardOfZeros(DATA + 48));
    }

    @ParameterizedTest
    @EnumSource
    void shouldFitWhenGeneratedAndNotWhenAnythingCoveredChanges(ProtectionLayout layout) {
        for (boolean atStart : new boolean[] {false, true}) {
            Metadata format = format(16, 1, atStart, layout);
            generate(format, 77);
            assertEquals(Status.OK, verify(format, 77));
            assertEquals(Status.REFERENCE_TAG_CHECK, verify(format, 78));
            Mem.setByte(data + 511, (byte) (Mem.getByte(data + 511) ^ 1));
            assertEquals(Status.GUARD_CHECK, verify(format, 77));
        }
    }

    /** NVM Command Set 1.1, 5.3.1: metadata before the protection information is covered, metadata behind it is not. */
    @ParameterizedTest
    @EnumSource
    void shouldCoverMetadataOnlyWhenItComesBefore(ProtectionLayout layout) {
        Metadata behind = format(32, 1, false, layout);
        generate(behind, 1);
        Mem.setByte(metadata, (byte) (Mem.getByte(metadata) ^ 1));
        assertEquals(Status.GUARD_CHECK, verify(behind, 1));
        Metadata before = format(32, 1, true, layout);
        generate(before, 1);
        Mem.setByte(metadata + 31, (byte) (Mem.getByte(metadata + 31) ^ 1));
        assertEquals(Status.OK, verify(before, 1));
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotCheckWhenTheTagsSayEscape(ProtectionLayout layout) {
        for (int type = 1; type <= 3; type++) {
            Metadata format = format(layout.bytes, type, false, layout);
            layout.write(metadata, 1, Protection.ESCAPE, 5);
            assertEquals(type != 3, Protection.isEscaped(format, metadata));
            assertEquals(type != 3 ? Status.OK : Status.GUARD_CHECK, verify(format, 9));
            layout.write(metadata, 1, Protection.ESCAPE, Protection.REFERENCE_ESCAPE);
            assertTrue(Protection.isEscaped(format, metadata));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldKeepOnlyTheReferenceTagApartWhenMoved(ProtectionLayout layout) {
        Metadata format = format(layout.bytes, 1, false, layout);
        generate(format, 1);
        long guard = layout.guardAt(metadata);
        Protection.move(format, metadata, 900);
        assertEquals(Status.OK, verify(format, 900));
        assertEquals(guard, layout.guardAt(metadata));
        assertEquals(0x1234, layout.applicationTagAt(metadata));
        layout.write(metadata, 0, Protection.ESCAPE, 3);
        Protection.move(format, metadata, 4);
        assertEquals(3, layout.referenceTagAt(metadata));
        assertFalse(Protection.isEscaped(format(layout.bytes, 3, false, layout), metadata));
    }

    /** Interleaved or apart, at the start or the end, alone or with other metadata. */
    @ParameterizedTest
    @CsvSource({"8,true,1,true,GUARD_16", "8,false,1,false,GUARD_16", "64,true,2,false,GUARD_16", "16,false,3,true,GUARD_16",
        "16,true,1,false,GUARD_32", "64,false,2,false,GUARD_32", "16,false,1,true,GUARD_64", "32,true,3,true,GUARD_64"})
    void shouldFindEachChangeWhenBlocksAreProtected(
        int bytes, boolean interleaved, int type, boolean atStart, ProtectionLayout layout) {
        var format = new Metadata(bytes, interleaved, type, atStart, ALL, layout);
        var protection = new Protection(format, interleaved ? DATA + bytes : DATA);
        long apart = data + BYTES - 512;
        protection.insert(data, apart, 4, FAR, 0x1234);
        int tag = 0xffff << 16 | 0x1234;
        assertEquals(Status.OK, protection.check(data, apart, 4, FAR, ALL, tag));
        long at = protection.metadata(data, apart, 2) + Protection.offset(format);
        assertEquals(type == 3 ? 0 : FAR + 2 & layout.referenceMask, layout.referenceTagAt(at));
        assertEquals(Status.APPLICATION_TAG_CHECK, protection.check(data, apart, 4, FAR, ALL, 0xffff << 16 | 0x1235));
        assertEquals(Status.OK, protection.check(data, apart, 4, FAR, ALL, 0xfff0 << 16 | 0x1235));
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
