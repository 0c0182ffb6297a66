package dev.karst.swap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;

/** What is read from a jar. */
class JarTest {
    @Test
    void shouldNameBundleWhenItIsOne() throws IOException {
        Jar jar = new Jar(Jars.bundle("a.b", "1.2.3", "x", 9));
        assertEquals("a.b", jar.symbolicName());
        assertEquals("1.2.3", jar.version());
    }

    @Test
    void shouldRefuseWhenItIsNoBundle() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(out)) {
            jar.putNextEntry(new JarEntry("text"));
            jar.closeEntry();
        }
        for (byte[] bytes : new byte[][] {out.toByteArray(), new byte[0], {1, 2, 3}}) {
            IOException refusal = assertThrows(IOException.class, () -> new Jar(bytes));
            assertEquals("is no bundle: its manifest has no Bundle-SymbolicName", refusal.getMessage());
        }
    }

    @Test
    void shouldCompareContentWhenPackedOtherwise() throws IOException {
        Jar jar = new Jar(Jars.bundle("a", "1", "xxxxxxxxxxxxxxxxxxxxxxxxxxxx", 0));
        assertTrue(jar.holdsSameAs(new Jar(Jars.bundle("a", "1", "xxxxxxxxxxxxxxxxxxxxxxxxxxxx", 9))));
        assertFalse(jar.holdsSameAs(new Jar(Jars.bundle("a", "1", "y", 0))));
    }

    @Test
    void shouldHoldTheSameWhenItGetsAnotherName() throws IOException {
        Jar jar = new Jar(Jars.bundle("a", "1", "xxxx", 0));
        Jar named = jar.named("b.c");
        assertEquals("b.c", named.symbolicName());
        assertEquals("1", named.version());
        assertTrue(named.holdsSameAs(jar));
        try (JarInputStream in = new JarInputStream(named.stream())) {
            assertEquals("b.c;singleton:=false", in.getManifest().getMainAttributes().getValue("Bundle-SymbolicName"));
        }
    }
}
