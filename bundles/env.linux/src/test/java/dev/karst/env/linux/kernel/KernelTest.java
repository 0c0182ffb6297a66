package dev.karst.env.linux.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelTest {
    private static final int BAD_DESCRIPTOR = -9;
    private static final int NO_SUCH_FILE = -2;
    private static final int HERE = -100;
    private static final int PAGE = 4096;

    private final Kernel kernel = Kernel.open();

    @TempDir
    private Path folder;

    @AfterEach
    void giveBack() {
        kernel.close();
    }

    private long open(Path path) {
        byte[] name = (path + "\0").getBytes(StandardCharsets.UTF_8);
        Mem.put(kernel.scratch, name, 0, name.length);
        return kernel.call(Syscall.OPENAT, HERE, kernel.scratch, 0);
    }

    @Test
    void shouldGiveTheErrorNumberWhenACallFails() {
        assertEquals(BAD_DESCRIPTOR, kernel.call(Syscall.CLOSE, -1, 0, 0));
        assertEquals(BAD_DESCRIPTOR, kernel.fast(Syscall.CLOSE, -1, 0, 0));
        assertEquals(BAD_DESCRIPTOR, kernel.map(PAGE, 1, 1, -1, 0));
        assertEquals(NO_SUCH_FILE, open(folder.resolve("nothing")));
    }

    @Test
    void shouldHandOnAllArgumentsWhenThereAreSix() throws Exception {
        Path file = folder.resolve("file");
        byte[] content = new byte[3 * PAGE];
        content[2 * PAGE + 7] = 42;
        Files.write(file, content);
        long descriptor = open(file);
        long address = kernel.map(PAGE, 1, 1, (int) descriptor, 2 * PAGE);
        assertTrue(address > 0, "mapped at " + address);
        assertEquals(42, MemorySegment.ofAddress(address).reinterpret(PAGE).get(ValueLayout.JAVA_BYTE, 7));
        assertEquals(0, kernel.call(Syscall.MUNMAP, address, PAGE, 0));
        assertEquals(1, kernel.fast(Syscall.PREAD64, descriptor, kernel.scratch, 1, 2 * PAGE + 7));
        assertEquals(42, Mem.getByte(kernel.scratch));
        kernel.close((int) descriptor);
        assertEquals(BAD_DESCRIPTOR, kernel.call(Syscall.CLOSE, descriptor, 0, 0));
    }
}
