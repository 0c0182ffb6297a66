package dev.karst.spec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.base.Struct;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Holds every figure of this bundle to the same rules: no gap, no overlap, its size, and what is set is got. */
class LayoutTest {
    private static final String BYTES = "BYTES";

    /** Every figure there is. */
    static List<Class<?>> figures() throws IOException, URISyntaxException, ClassNotFoundException {
        Path root = Path.of(dev.karst.spec.nvme.Sqe.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        var figures = new ArrayList<Class<?>>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".class")).sorted().toList()) {
                String name = root.relativize(file).toString().replace('/', '.').replaceAll("\\.class$", "");
                if (name.endsWith("-info")) {
                    continue;
                }
                Class<?> found = Class.forName(name);
                if (Struct.class.isAssignableFrom(found)) {
                    figures.add(found);
                }
            }
        }
        return figures;
    }

    static Map<String, Struct.Field> fields(Class<?> figure) throws IllegalAccessException {
        var fields = new LinkedHashMap<String, Struct.Field>();
        for (var field : figure.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) && Modifier.isPublic(field.getModifiers())
                && field.get(null) instanceof Struct.Field layout) {
                fields.put(field.getName(), layout);
            }
        }
        return fields;
    }

    private static int size(Class<?> figure) throws ReflectiveOperationException {
        return figure.getField(BYTES).getInt(null);
    }

    private static void bits(Struct.Field field, BitSet into) {
        if (field instanceof Struct.Bits bits) {
            into.set(bits.offset() * 8 + bits.low(), bits.offset() * 8 + bits.low() + bits.width());
        } else {
            into.set(field.offset() * 8, (field.offset() + field.bytes()) * 8);
        }
    }

    @Test
    void shouldFindFiguresWhenTheBundleIsSearched() throws Exception {
        assertTrue(figures().size() >= 20, "only " + figures());
    }

    @TestFactory
    Stream<DynamicTest> shouldCoverEveryBitOnceWhenFieldsAreLaidOut() throws Exception {
        return figures().stream().map(figure -> DynamicTest.dynamicTest(figure.getSimpleName(), () -> {
            var seen = new BitSet();
            for (var entry : fields(figure).entrySet()) {
                var here = new BitSet();
                bits(entry.getValue(), here);
                var both = (BitSet) here.clone();
                both.and(seen);
                assertTrue(both.isEmpty(), entry.getKey() + " overlaps at bits " + both);
                seen.or(here);
            }
            assertEquals(size(figure) * 8, seen.length(), "size");
            assertEquals(size(figure) * 8, seen.cardinality(), "a gap at bit " + seen.nextClearBit(0));
        }));
    }

    @TestFactory
    Stream<DynamicTest> shouldGetWhatWasSetAndLeaveTheRestAlone() throws Exception {
        return figures().stream().map(figure -> DynamicTest.dynamicTest(figure.getSimpleName(), () -> {
            try (Arena arena = Arena.ofConfined()) {
                int bytes = size(figure);
                long base = arena.allocate(bytes, 4096).address();
                Mem.register(base, bytes);
                try {
                    for (var entry : fields(figure).entrySet()) {
                        roundTrip(figure, entry.getKey(), entry.getValue(), base, bytes);
                    }
                } finally {
                    Mem.unregister(base);
                }
            }
        }));
    }

    private static void roundTrip(Class<?> figure, String name, Struct.Field field, long base, int bytes) {
        var random = new SplittableRandom(name.hashCode());
        var before = new byte[bytes];
        random.nextBytes(before);
        Mem.put(base, before, 0, bytes);
        long value = random.nextLong();
        switch (field) {
            case Struct.U8 it -> {
                it.set(base, (int) value);
                assertEquals(value & 0xff, it.get(base), name);
            }
            case Struct.U16le it -> {
                it.set(base, (int) value);
                assertEquals(value & 0xffff, it.get(base), name);
            }
            case Struct.U16be it -> {
                it.set(base, (int) value);
                assertEquals(value & 0xffff, it.get(base), name);
            }
            case Struct.U32le it -> {
                it.set(base, value);
                assertEquals(value & 0xffff_ffffL, it.get(base), name);
            }
            case Struct.U32be it -> {
                it.set(base, value);
                assertEquals(value & 0xffff_ffffL, it.get(base), name);
            }
            case Struct.U64le it -> {
                it.set(base, value);
                assertEquals(value, it.get(base), name);
            }
            case Struct.U64be it -> {
                it.set(base, value);
                assertEquals(value, it.get(base), name);
            }
            case Struct.Bits it -> {
                it.set(base, (int) value);
                assertEquals(value & (1L << it.width()) - 1, it.get(base), name);
            }
            case Struct.Bytes it -> {
                var content = new byte[it.bytes()];
                random.nextBytes(content);
                it.set(base, content);
                assertArrayEquals(content, it.get(base), name);
            }
            case Struct.Text it -> {
                it.set(base, "k");
                assertEquals("k", it.get(base), name);
            }
        }
        var after = new byte[bytes];
        Mem.get(base, after, 0, bytes);
        var mine = new BitSet();
        bits(field, mine);
        var changed = BitSet.valueOf(before);
        changed.xor(BitSet.valueOf(after));
        changed.andNot(mine);
        assertTrue(changed.isEmpty(), figure.getSimpleName() + "." + name + " changes bits " + changed + " beside itself");
    }
}
