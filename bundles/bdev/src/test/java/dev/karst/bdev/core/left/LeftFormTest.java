package dev.karst.bdev.core.left;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.karst.base.StorageException;
import dev.karst.bdev.module.CreationRecord;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The bytes in which one block layer leaves its devices to the next. */
class LeftFormTest {
    private static final List<LeftDevice> DEVICES = List.of(
        new LeftDevice("malloc", new CreationRecord("bdev_malloc_create",
            Map.of("name", "d\u00e4", "num_blocks", 1L << 40, "flag", true, "share", 0.5, "list", List.of("a", 1L),
                "inner", Map.of("uuid", "x")),
            "d\u00e4", new UUID(1, -2))),
        new LeftDevice("on top", new CreationRecord("top_create", Map.of(), "top", new UUID(3, 4))));

    @Test
    void shouldGiveTheSameDevicesWhenReadAgain() throws StorageException {
        assertEquals(DEVICES, LeftForm.read(LeftForm.write(DEVICES)));
    }

    @Test
    void shouldRefuseWhenTheVersionIsAnother() {
        byte[] form = LeftForm.write(DEVICES);
        form[3]++;
        StorageException refusal = assertThrows(StorageException.class, () -> LeftForm.read(form));
        assertEquals("its state has version 2, and this one reads version 1", refusal.getMessage());
    }

    @Test
    void shouldRefuseWhenBytesAreMissing() {
        byte[] form = LeftForm.write(DEVICES);
        for (int length = 0; length < form.length; length++) {
            byte[] part = Arrays.copyOf(form, length);
            assertThrows(StorageException.class, () -> LeftForm.read(part));
        }
    }
}
