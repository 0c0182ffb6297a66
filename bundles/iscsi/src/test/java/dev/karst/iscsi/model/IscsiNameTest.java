package dev.karst.iscsi.model;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What a name may be. */
class IscsiNameTest {
    private static final String LONGEST = "iqn." + "a".repeat(219);

    @Test
    void shouldTakeNamesAsInitiatorsNormalizeThem() {
        assertTrue(IscsiName.isNormal("iqn.2016-06.io.spdk:disk_1", 223));
        assertTrue(IscsiName.isNormal(LONGEST, 223));
        assertFalse(IscsiName.isNormal(LONGEST, 222));
        assertFalse(IscsiName.isNormal("iqn.2016-06.io.spdk:Disk", 223));
        assertFalse(IscsiName.isNormal("iqn.", 223));
        assertFalse(IscsiName.isNormal("disk", 223));
    }

    @Test
    void shouldTakeWhatInitiatorsSayWhenItSaysItsType() {
        assertTrue(IscsiName.isSayable("iqn.2016-06.io.spdk:Größe"));
        assertTrue(IscsiName.isSayable("eui.02004567a425678d"));
        assertTrue(IscsiName.isSayable("naa.52004567ba64678d"));
        assertTrue(IscsiName.isSayable(LONGEST));
        assertFalse(IscsiName.isSayable(LONGEST + "a"));
        assertFalse(IscsiName.isSayable("host"));
        assertFalse(IscsiName.isSayable("iqn.a,b"));
        assertFalse(IscsiName.isSayable("iqn.a b"));
        assertFalse(IscsiName.isSayable("iqn.a\u007f"));
    }

    @Test
    void shouldTakeWordsWhenTheyAreNoNames() {
        assertTrue(IscsiName.isWord("ANY"));
        assertTrue(IscsiName.isWord("!iqn.a"));
        assertFalse(IscsiName.isWord(""));
        assertFalse(IscsiName.isWord("a\tb"));
    }
}
