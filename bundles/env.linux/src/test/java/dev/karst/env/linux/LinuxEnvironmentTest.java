package dev.karst.env.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.EventSet;
import dev.karst.env.Keepsakes.Keepsake;
import dev.karst.env.ServerSocket;
import dev.karst.env.linux.kernel.CpuMask;
import dev.karst.env.linux.kernel.Kernel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LinuxEnvironmentTest {
    private final LinuxEnvironment environment = new LinuxEnvironment();

    private static int[] mine() {
        try (Kernel kernel = Kernel.open()) {
            return CpuMask.ofThread(kernel, 0).numbers();
        }
    }

    private <T> T onThread(Supplier<T> body) throws Exception {
        var result = new CompletableFuture<T>();
        environment.threads().start("test-thread", () -> result.complete(body.get()));
        return result.get();
    }

    @Test
    void shouldListProcessorsInOrder() {
        int[] available = environment.processors().available();
        assertTrue(available.length > 0);
        for (int i = 1; i < available.length; i++) {
            assertTrue(available[i - 1] < available[i]);
        }
    }

    @Test
    void shouldRunOnOneProcessorWhenPinned() throws Exception {
        for (int processor : environment.processors().available()) {
            assertArrayEquals(new int[] {processor}, onThread(() -> {
                assertTrue(environment.processors().pin(processor));
                return mine();
            }));
        }
    }

    @Test
    void shouldRefuseWhenTheProcessorIsNotThere() throws Exception {
        assertFalse(onThread(() -> environment.processors().pin(5000)));
    }

    @Test
    void shouldBeginUnboundWhenAPinnedThreadStartsIt() throws Exception {
        assumeTrue(environment.processors().available().length > 1, "one processor");
        CompletableFuture<int[]> started = new CompletableFuture<>();
        CompletableFuture<int[]> background = new CompletableFuture<>();
        onThread(() -> {
            environment.processors().pin(environment.processors().available()[0]);
            environment.threads().start("child", () -> started.complete(mine()));
            environment.threads().background().execute(() -> background.complete(mine()));
            return null;
        });
        assertArrayEquals(environment.processors().available(), started.get());
        assertArrayEquals(environment.processors().available(), background.get());
    }

    @Test
    void shouldStartDaemonThreadsWithTheirName() throws Exception {
        assertEquals("test-thread true", onThread(() ->
            Thread.currentThread().getName() + " " + Thread.currentThread().isDaemon()));
        var virtual = new CompletableFuture<Boolean>();
        environment.threads().background().execute(() -> virtual.complete(Thread.currentThread().isVirtual()));
        assertTrue(virtual.get());
    }

    @Test
    void shouldCountProcessorTimeWhenTheThreadWorks() {
        long begin = environment.processors().threadNanos();
        long now = begin;
        while (now - begin < 1_000_000) {
            now = environment.processors().threadNanos();
        }
        assertTrue(now > begin);
    }

    @Test
    void shouldRefuseARingWhenTheDepthIsNoPowerOfTwo() throws StorageException {
        EventSet events = environment.openEventSet();
        for (int depth : new int[] {0, -1, 3, 1 << 20}) {
            var e = assertThrows(StorageException.class, () -> environment.openFileRing(events, depth));
            assertEquals(-Errno.EINVAL, e.code());
        }
        events.close();
    }

    @Test
    void shouldOpenTheDeepestRing() throws StorageException {
        EventSet events = environment.openEventSet();
        environment.openFileRing(events, 16384).close();
        events.close();
    }

    @Test
    void shouldCloseAllDescriptorsWhenSetsAndRingsAreClosed() throws Exception {
        openAndClose();
        int before = descriptors();
        for (int i = 0; i < 20; i++) {
            openAndClose();
        }
        assertEquals(before, descriptors());
    }

    private void openAndClose() throws StorageException {
        EventSet events = environment.openEventSet();
        environment.openFileRing(events, 4).close();
        environment.network().listen("127.0.0.1", 0, 1).close();
        events.close();
    }

    private static int descriptors() {
        return new java.io.File("/proc/self/fd").list().length;
    }

    private boolean isFree(int port) {
        try {
            environment.network().listen("127.0.0.1", port, 1).close();
            return true;
        } catch (StorageException e) {
            return false;
        }
    }

    @Test
    void shouldCloseWhatIsKeptWhenNobodyTakesItInTime() throws StorageException {
        ServerSocket socket = environment.network().listen("127.0.0.1", 0, 1);
        environment.keepsakes().put(new Keepsake("port", new byte[0], null, socket), 50);
        assertFalse(isFree(socket.port()));
        while (!isFree(socket.port())) {
            Thread.onSpinWait();
        }
        assertEquals(0, environment.keepsakes().size());
    }

    @Test
    void shouldCloseWhatIsKeptWhenTheEnvironmentEnds() throws StorageException {
        var ending = new LinuxEnvironment();
        ServerSocket socket = ending.network().listen("127.0.0.1", 0, 1);
        ending.keepsakes().put(new Keepsake("port", new byte[0], null, socket), 60_000);
        ending.close();
        assertTrue(isFree(socket.port()));
    }
}
