package dev.karst.base;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class StateTest {
    private static final UUID ID = new UUID(-1, 77);

    private static byte[] state(byte[] large) {
        return new StateWriter(7).number(-5).flag(true).text("größe").uuid(ID).bytes(large).number(3).end();
    }

    @Test
    void shouldReadWhatWasWritten() throws StorageException {
        byte[] large = new byte[5000];
        Arrays.fill(large, (byte) 9);
        var reader = new StateReader(state(large), 7);
        assertEquals(-5, reader.number());
        assertTrue(reader.flag());
        assertEquals("größe", reader.text());
        assertEquals(ID, reader.uuid());
        assertArrayEquals(large, reader.bytes());
        assertEquals(3, reader.number(3, 3));
        reader.end();
    }

    @Test
    void shouldNameBothVersionsWhenTheStateHasAnother() {
        StorageException refused = assertThrows(StorageException.class, () -> new StateReader(state(new byte[0]), 8));
        assertEquals("its state has version 7, and this one reads version 8", refused.getMessage());
    }

    @Test
    void shouldRefuseWhenANumberIsOutOfItsRangeOrSomethingIsLeft() throws StorageException {
        var reader = new StateReader(new StateWriter(1).number(4).number(5).end(), 1);
        assertThrows(StorageException.class, () -> reader.number(5, 9));
        assertThrows(StorageException.class, reader::end);
    }

    /** Reads in the order of {@link #state}, until something is refused. */
    private static boolean isRead(byte[] bytes) {
        try {
            var reader = new StateReader(bytes, 7);
            reader.number();
            reader.flag();
            reader.text();
            reader.uuid();
            reader.bytes();
            reader.number(0, 9);
            reader.end();
            return true;
        } catch (StorageException e) {
            return false;
        }
    }

    @Test
    void shouldRefuseAndDoNothingElseWhenAnyByteIsWrongOrMissing() {
        byte[] good = state(new byte[40]);
        var random = new SplittableRandom(1);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length) : good.length);
            for (int changes = random.nextInt(4); changes > 0 && bad.length > 0; changes--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            refused += isRead(bad) ? 0 : 1;
        }
        assertTrue(refused > 5_000, refused + " of 20000 were refused");
    }
}
