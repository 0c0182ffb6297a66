package dev.karst.env.linux.file;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The ring of helper threads, on a file system in memory. */
class ThreadOnTmpfsFileRingTest extends LinuxFileRingTest {
    @TempDir(factory = InMemory.class)
    Path folder;

    @Override
    boolean uring() {
        return false;
    }

    @Override
    protected Path folder() {
        return folder;
    }
}
