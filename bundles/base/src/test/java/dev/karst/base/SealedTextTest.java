package dev.karst.base;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SealedTextTest {
    @Test
    void shouldGiveBackWhatWasSealed() {
        assertEquals("a 1\nb 2\n", SealedText.unseal(SealedText.seal("a 1\nb 2\n")));
        assertEquals("", SealedText.unseal(SealedText.seal("")));
    }

    @Test
    void shouldRefuseWhenAnyByteIsAnother() {
        byte[] sealed = SealedText.seal("end of a 1\nend 2\n");
        for (int i = 0; i < sealed.length; i++) {
            byte[] other = sealed.clone();
            other[i] ^= 1;
            assertThrows(IllegalArgumentException.class, () -> SealedText.unseal(other), "byte " + i);
        }
        assertThrows(IllegalArgumentException.class, () -> SealedText.unseal("a\n".getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void shouldPartWordsWhenTheyAreAsMany() {
        assertArrayEquals(new String[] {"a", "1"}, SealedText.words("a 1", 2));
        assertThrows(IllegalArgumentException.class, () -> SealedText.words("a 1", 3));
    }
}
