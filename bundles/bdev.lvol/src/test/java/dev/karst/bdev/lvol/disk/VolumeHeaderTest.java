package dev.karst.bdev.lvol.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Pages of volumes that are whole and say the impossible. */
class VolumeHeaderTest {
    private static final VolumeHeader RIGHT = new VolumeHeader(
        new UUID(1, 2), "volume", true, false, false, ClearMethod.UNMAP, 5, 3, new UUID(3, 4), null, Pointer.NONE,
        new TreeMap<>(Map.of("key", "value", "other", "x".repeat(1000))));
    /** Where the first attribute begins: 116 and the name. */
    private static final int FIRST = 116 + 6;

    @Test
    void shouldGiveWhatWasWritten() {
        assertEquals(RIGHT, VolumeHeader.decode(RIGHT.encode()));
    }

    @Test
    void shouldGiveNothingWhenFiguresCannotBe() {
        List<Consumer<byte[]>> wrongs = List.of(
            page -> page[66] = 9, page -> Bytes.setInt(page, 68, -1), page -> Bytes.setInt(page, 68, Integer.MIN_VALUE),
            page -> Bytes.setU16(page, 64, 24), page -> Bytes.setU16(page, 114, 257), page -> Bytes.setU16(page, 114, 0xffff),
            page -> Bytes.setU16(page, FIRST + 1, 4096), page -> Bytes.setU16(page, FIRST + 1, 0xffff),
            page -> Bytes.setU16(page, FIRST + 3 + 3 + 5 + 1, 4000),
            page -> {
                page[FIRST] = (byte) 255;
                Bytes.setU16(page, FIRST + 1, 3800);
            });
        for (int i = 0; i < wrongs.size(); i++) {
            byte[] page = RIGHT.encode();
            wrongs.get(i).accept(page);
            assertNull(VolumeHeader.decode(page), "wrong " + i);
        }
    }

    @Test
    void shouldThrowNothingWhateverAPageHolds() {
        var random = new SplittableRandom(1);
        int read = 0;
        for (int i = 0; i < 100_000; i++) {
            byte[] page = RIGHT.encode();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                page[48 + random.nextInt(100)] = (byte) random.nextInt();
            }
            VolumeHeader header = VolumeHeader.decode(page);
            read += header == null ? 0 : 1;
            if (header != null) {
                assertNotNull(header.name());
                assertTrue(header.clusters() >= 0);
            }
        }
        assertTrue(read > 1000 && read < 99_000, read + " were read");
    }
}
