package dev.karst.itests.guest;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.karst.itests.KarstInstance;
import dev.karst.itests.SavedConfiguration;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;

/**
 * What tests with guests share. They are skipped with the reason where no guest can run, except in continuous
 * integration. What each run leaves is in {@code target/guest}.
 */
abstract class GuestTest {
    /** The subsystem of kernel-target.sh. */
    static final String REFERENCE = "nqn.2026-01.dev.karst:reference";
    static final String NQN = "nqn.2026-11.dev.karst:guest-test";
    /** The series of Linux that is used where one is enough. */
    static final String LINUX = "6.12";
    private static final int DISK_MIB = 512;
    private static final long MIB = 1024 * 1024;
    static final Path RUNS = Path.of(System.getProperty("karst.root"), "itests", "target", "guest");
    static final Duration LIMIT = Duration.ofMinutes(15);

    @BeforeAll
    static void needsAGuest() {
        GuestRunner.missing().ifPresent(reason -> {
            if (GuestRunner.inContinuousIntegration()) {
                fail(reason);
            }
            abort(reason);
        });
    }

    /** An instance on an emptied folder, with a file as the namespace; not started. */
    static KarstInstance instance(String run, int port) throws IOException {
        return instance(run, SavedConfiguration.serving(port, NQN,
            "bdev_aio_create", "\"filename\": \"disk0.img\", \"create_size_mib\": " + DISK_MIB,
            ", \"ptpl_file\": \"" + data(run).resolve("disk0.ptpl") + '"'));
    }

    /** An instance on an emptied folder, which begins with that configuration; not started. */
    static KarstInstance instance(String run, String configuration) throws IOException {
        Path data = data(run);
        GuestRunner.delete(data);
        return new KarstInstance(data, configuration);
    }

    /** The folder of a run's instance. */
    static Path data(String run) {
        return RUNS.resolve(run + "-data");
    }

    /** A guest that runs a script with the subsystem and these as its arguments. */
    static GuestRunner guest(String run, String kernel, int processors, String script, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(script, NQN));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return GuestRunner.start(RUNS.resolve(run), kernel, processors, LIMIT, command.toArray(String[]::new));
    }

    /** Gives the file of a device another size, in MiB, and has the device look at it. */
    static void resize(KarstInstance karst, String bdev, Path file, String mib) throws IOException {
        try (RandomAccessFile image = new RandomAccessFile(file.toFile(), "rw")) {
            image.setLength(Long.parseLong(mib) * MIB);
        }
        karst.rpc("bdev_aio_rescan", "name=" + bdev);
    }
}
