package dev.karst.env.linux.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much memory may be mapped. */
final class MemoryCap {
    private static final Path MEMINFO = Path.of("/proc/meminfo");
    /** The limit of the control group; in a container, its own. */
    private static final Path CGROUP_MAX = Path.of("/sys/fs/cgroup/memory.max");
    private static final int SHARE_PERCENT = 75;
    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;

    private MemoryCap() {}

    /** The cap that is set, or for 0 three quarters of the memory that is available now and all free huge pages. */
    static long of(long capBytes) {
        return capBytes > 0 ? capBytes : standard();
    }

    private static long standard() {
        try {
            String text = Files.readString(MEMINFO);
            long available = Math.min(field(text, "MemAvailable:") * KIB, cgroupMax());
            long huge = field(text, "HugePages_Free:") * field(text, "Hugepagesize:") * KIB;
            return available / 100 * SHARE_PERCENT + huge;
        } catch (IOException e) {
            return Runtime.getRuntime().maxMemory();
        }
    }

    private static long field(String text, String name) {
        int at = text.indexOf(name);
        return at < 0 ? 0 : Long.parseLong(text.substring(at + name.length()).strip().split("\\s", 2)[0]);
    }

    private static long cgroupMax() throws IOException {
        String max = Files.exists(CGROUP_MAX) ? Files.readString(CGROUP_MAX).strip() : "max";
        return max.equals("max") ? Long.MAX_VALUE : Long.parseLong(max);
    }

    /** An amount for people to read. */
    static String text(long bytes) {
        return bytes >= MIB ? bytes / MIB + " MiB" : (bytes + KIB - 1) / KIB + " KiB";
    }
}
