package dev.karst.env.linux.file;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The ring of helper threads, on a disk. */
class ThreadFileRingTest extends LinuxFileRingTest {
    @TempDir
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
