package dev.karst.env.linux.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel says of a block device in /sys/dev/block. Documentation/ABI/stable/sysfs-block */
final class SysBlock {
    private SysBlock() {}

    private static Path folder(Statx stat) throws IOException {
        return Path.of("/sys/dev/block/" + stat.major() + ":" + stat.minor()).toRealPath();
    }

    /** Whether it can write zeros by itself, and so can be punched. A partition has no queue of its own. */
    static boolean zeroes(Statx stat) {
        try {
            Path real = folder(stat);
            Path queue = Files.exists(real.resolve("queue")) ? real.resolve("queue") : real.resolveSibling("queue");
            return !Files.readString(queue.resolve("write_zeroes_max_bytes")).strip().equals("0");
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether nothing can be written to it. */
    static boolean isReadOnly(Statx stat) {
        try {
            return Files.readString(folder(stat).resolve("ro")).strip().equals("1");
        } catch (IOException e) {
            return false;
        }
    }
}
