package dev.karst.env.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Locks of processors, in a folder of their own. */
class LockFilesTest {
    @TempDir
    private Path folder;

    @Test
    void shouldSayWhoHasItWhenAProcessorIsLocked() throws Exception {
        LockFiles one = new LockFiles(folder);
        one.lock(3);
        one.lock(3);
        Path file = folder.resolve("spdk_cpu_lock_003");
        ByteBuffer written = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
        assertEquals(ProcessHandle.current().pid(), written.getInt());
        LockFiles other = new LockFiles(folder);
        var refusal = assertThrows(StorageException.class, () -> other.lock(3));
        assertEquals(-Errno.EBUSY, refusal.code());
        assertTrue(refusal.getMessage().endsWith("is locked by process " + ProcessHandle.current().pid()), refusal.getMessage());
        other.lock(4);
        one.unlock(3);
        other.lock(3);
    }

    @Test
    void shouldNotFollowALinkWhenOneLiesThere() throws Exception {
        Path victim = Files.writeString(folder.resolve("victim"), "untouched");
        Files.createSymbolicLink(folder.resolve("spdk_cpu_lock_000"), victim);
        assertThrows(StorageException.class, () -> new LockFiles(folder).lock(0));
        assertEquals("untouched", Files.readString(victim));
    }
}
