package dev.karst.shell.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.apache.karaf.shell.api.console.Session;
import org.junit.jupiter.api.Test;

class TableTest {
    private static Screen screen(Charset charset) {
        Session session = (Session) Proxy.newProxyInstance(
            Session.class.getClassLoader(), new Class<?>[] {Session.class}, (proxy, method, arguments) -> null);
        return Screen.of(session, new PrintStream(new ByteArrayOutputStream(), true, charset));
    }

    @Test
    void shouldAlignNumbersRightWhenColumnHoldsOnlyThem() {
        assertEquals(
            List.of("NAME | BLOCKS", "-----+-------", "a    |      1", "bcde |   2.50"),
            new Table(screen(StandardCharsets.US_ASCII), List.of("NAME", "BLOCKS"), List.of(List.of("a", "1"), List.of("bcde", "2.50"))).lines());
    }

    @Test
    void shouldCutWidestColumnWhenTableIsTooWide() {
        List<String> row = List.of("x".repeat(40), "y".repeat(200), "z".repeat(10));
        List<String> lines = new Table(screen(StandardCharsets.UTF_8), List.of("A", "B", "C"), List.of(row)).lines();
        assertTrue(lines.stream().allMatch(line -> line.length() <= Screen.USUAL_WIDTH), lines.toString());
        assertEquals("x".repeat(40) + " │ " + "y".repeat(43) + "… │ " + "z".repeat(10), lines.getLast());
    }

    @Test
    void shouldStayReadableWhenThereAreMoreColumnsThanRoom() {
        List<String> many = Collections.nCopies(30, "abcdef");
        List<String> lines = new Table(screen(StandardCharsets.UTF_8), many, List.of(many)).lines();
        assertTrue(lines.getLast().startsWith("ab… │ ab… │ "), lines.getLast());
    }

    @Test
    void shouldDrawWithSigns() {
        Tree.Node leaf = new Tree.Node("leaf", "", List.of());
        Tree.Node root = new Tree.Node("root", "big", List.of(new Tree.Node("branch", "", List.of(leaf)), leaf));
        assertEquals(List.of("root  big", "├─ branch", "│  └─ leaf", "└─ leaf"), Tree.lines(screen(StandardCharsets.UTF_8), List.of(root)));
        assertEquals(List.of("root  big", "|- branch", "|  `- leaf", "`- leaf"), Tree.lines(screen(StandardCharsets.US_ASCII), List.of(root)));
    }

    @Test
    void shouldSaySizesInLargestUnit() {
        assertEquals("0 B", Sizes.of(0));
        assertEquals("1.5 KiB", Sizes.of(1536));
        assertEquals("8 EiB", Sizes.of(0x1p63));
    }
}
