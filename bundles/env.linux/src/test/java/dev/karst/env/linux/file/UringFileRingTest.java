package dev.karst.env.linux.file;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The ring on io_uring, on a disk. */
class UringFileRingTest extends LinuxFileRingTest {
    @TempDir
    Path folder;

    @Override
    boolean uring() {
        return true;
    }

    @Override
    protected Path folder() {
        return folder;
    }
}
