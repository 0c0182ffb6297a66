package dev.karst.base;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StructTest {
    private static final class Figure extends Struct {
        static final int BYTES = 32;
        static final U8 A = u8(0);
        static final Bits LOW = bits(1, 1, 0, 3);
        static final Bits HIGH = bits(1, 1, 3, 5);
        static final U16le B = u16le(2);
        static final U32be C = u32be(4);
        static final U64le D = u64le(8);
        static final Text NAME = ascii(16, 8);
        static final Text PATH = utf8(24, 8);
    }

    private final Arena arena = Arena.ofConfined();
    private long base;

    @BeforeEach
    void register() {
        base = arena.allocate(Figure.BYTES, 8).address();
        Mem.register(base, Figure.BYTES);
    }

    @AfterEach
    void unregister() {
        Mem.unregister(base);
        arena.close();
    }

    @Test
    void shouldLieAsDeclaredWhenWritten() {
        Figure.A.set(base, 0xab);
        Figure.LOW.set(base, 5);
        Figure.HIGH.set(base, 0x1f);
        Figure.B.set(base, 0x1234);
        Figure.C.set(base, 0xdeadbeefL);
        Figure.D.set(base, -2);
        Figure.NAME.set(base, "karst");
        Figure.PATH.set(base, "a/b");
        byte[] found = new byte[Figure.BYTES];
        Mem.get(base, found, 0, found.length);
        byte[] golden = HexFormat.of().parseHex("abfd3412deadbeeffeffffffffffffff" + "6b61727374202020" + "612f620000000000");
        assertArrayEquals(golden, found);
    }

    @Test
    void shouldReadBackWhatWasWritten() {
        Figure.A.set(base, 0xff);
        Figure.HIGH.set(base, 9);
        Figure.LOW.set(base, 2);
        Figure.C.set(base, 0xffff_fffeL);
        Figure.NAME.set(base, "longer than it is");
        assertEquals(0xff, Figure.A.get(base));
        assertEquals(9, Figure.HIGH.get(base));
        assertEquals(2, Figure.LOW.get(base));
        assertEquals(0xffff_fffeL, Figure.C.get(base));
        assertEquals("longer t", Figure.NAME.get(base));
        Figure.NAME.set(base, "");
        assertEquals("", Figure.NAME.get(base));
    }
}
