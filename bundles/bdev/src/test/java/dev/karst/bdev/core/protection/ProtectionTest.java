package dev.karst.bdev.core.protection;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.bdev.Metadata;
import dev.karst.env.sim.SimEnvironment;
import dev.karst.reactor.sim.SimWorld;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProtectionTest {
    private static final int ALL = Metadata.GUARD | Metadata.APPLICATION_TAG | Metadata.REFERENCE_TAG;
    private SimWorld world;
    private long memory;

    @BeforeEach
    void setUp() throws Exception {
        world = new SimWorld(1, 1);
        SimEnvironment environment = world.environment();
        memory = environment.memory().allocate("blocks", 65536).address();
    }

    @AfterEach
    void tearDown() {
        world.close();
    }

    /** Interleaved or apart, at the start or the end, alone or with other metadata. */
    @ParameterizedTest
    @CsvSource({"8,true,1,true", "8,false,1,false", "64,true,2,false", "16,false,3,true", "16,true,1,false"})
    void shouldFindEachChangeWhenBlocksAreProtected(int bytes, boolean interleaved, int type, boolean atStart) {
        var metadata = new Metadata(bytes, interleaved, type, atStart, ALL);
        var protection = new Protection(metadata, interleaved ? 512 + bytes : 512);
        long apart = memory + 32768;
        for (int i = 0; i < 8192; i++) {
            Mem.setByte(memory + i, (byte) (i * 7));
        }
        protection.insert(memory, apart, 4, 0x1_0000_0010L, 0x1234);
        int tag = 0xffff << 16 | 0x1234;
        assertEquals(Status.OK, protection.check(memory, apart, 4, 0x1_0000_0010L, ALL, tag));
        long at = protection.metadata(memory, apart, 2) + (atStart ? 0 : bytes - 8);
        assertEquals(type == 3 ? 0 : 0x12, Integer.reverseBytes(Mem.getInt(at + 4)));
        assertEquals(Status.APPLICATION_TAG_CHECK, protection.check(memory, apart, 4, 16, ALL, 0xffff << 16 | 0x1235));
        assertEquals(Status.OK, protection.check(memory, apart, 4, 16, ALL, 0xfff0 << 16 | 0x1235));
        int wrongPlace = protection.check(memory, apart, 4, 17, ALL, tag);
        assertEquals(type == 3 ? Status.OK : Status.REFERENCE_TAG_CHECK, wrongPlace);
        protection.move(memory, apart, 4, 17);
        assertEquals(Status.OK, protection.check(memory, apart, 4, 17, ALL, tag));
        long data = protection.data(memory, 3) + 511;
        Mem.setByte(data, (byte) (Mem.getByte(data) ^ 1));
        assertEquals(Status.GUARD_CHECK, protection.check(memory, apart, 4, 17, ALL, tag));
        assertEquals(Status.OK, protection.check(memory, apart, 3, 17, ALL, tag));
        assertEquals(Status.OK, protection.check(memory, apart, 4, 17, ALL & ~Metadata.GUARD, tag));
    }

    @Test
    void shouldNotCheckWhenTheApplicationTagSaysSo() {
        var protection = new Protection(new Metadata(8, true, 1, true, ALL), 520);
        Mem.fill(memory, 520, (byte) 1);
        Mem.setShort(memory + 512 + 2, (short) -1);
        assertEquals(Status.OK, protection.check(memory, 0, 1, 9, ALL, 0));
        var third = new Protection(new Metadata(8, true, 3, true, ALL), 520);
        assertEquals(Status.GUARD_CHECK, third.check(memory, 0, 1, 9, ALL, 0));
        Mem.setInt(memory + 512 + 4, -1);
        assertEquals(Status.OK, third.check(memory, 0, 1, 9, ALL, 0));
    }
}
