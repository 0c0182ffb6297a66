package dev.karst.itests.spdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A list of any length is sent in memory that does not grow with it. */
class ManyBdevsTest {
    private static final int BDEVS = 10_000;
    private static final int HEAP_MIB = 92;
    private static final int COPIES = 3;
    private static final long LIMIT_S = 240;

    @TempDir
    private Path folder;

    @Test
    void shouldListTenThousandBdevsWhenTheHeapCannotHoldTheTextThreeTimes() throws Exception {
        Path output = folder.resolve("output");
        Process program = new ProcessBuilder(List.of(
            Path.of(System.getProperty("java.home"), "bin/java").toString(), "-Xmx" + HEAP_MIB + "m", "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp",
            System.getProperty("java.class.path"), ManyBdevs.class.getName(), folder.toString(), Integer.toString(BDEVS)))
            .redirectErrorStream(true).redirectOutput(output.toFile()).start();
        boolean ended = program.waitFor(LIMIT_S, TimeUnit.SECONDS);
        program.destroyForcibly();
        // Each creation is told to the log.
        String said = Files.readString(output).lines().filter(line -> !line.contains("audit: ") && !line.contains("Audit tell"))
            .collect(Collectors.joining("\n"));
        assertTrue(ended, said);
        assertEquals(0, program.exitValue(), said);
        long free = ((long) HEAP_MIB << 20) - figure(said, "devices ");
        assertTrue(figure(said, "listed ") * COPIES > free, () -> "the heap is too large to tell: " + said);
    }

    private static long figure(String said, String name) {
        return said.lines().filter(line -> line.startsWith(name)).mapToLong(line -> Long.parseLong(line.substring(name.length())))
            .findFirst().orElseThrow(() -> new AssertionError(said));
    }
}
