package dev.karst.iscsi.session;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spec.iscsi.Bhs;
import org.junit.jupiter.api.Test;

/** What is remembered of commands that have ended. */
class BygoneTest {
    private final Bygone bygone = new Bygone();

    @Test
    void shouldRememberTheLatestWhenThereWereMore() {
        for (int itt = 1; itt <= 200; itt++) {
            bygone.add(itt);
            assertTrue(bygone.has(itt));
            assertTrue(itt < 64 || bygone.has(itt - 63));
            assertFalse(bygone.has(itt - 64));
        }
    }

    @Test
    void shouldRememberNothingWhenNothingHasEnded() {
        assertFalse(bygone.has(0));
        assertFalse(bygone.has(Bhs.NO_TAG));
    }
}
