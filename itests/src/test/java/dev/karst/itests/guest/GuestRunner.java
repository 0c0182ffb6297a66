package dev.karst.itests.guest;

import dev.karst.itests.KarstInstance;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A run of the Linux guest: one script of {@code itests/guest/scripts} in it, as root.
 *
 * <p>A script has the test do something to the target by {@code ask WORD...}, which returns when that is done. The guest
 * ends with {@link #close}, with its time limit, and when this JVM dies: its standard input is a pipe from here, and
 * {@code run -p} ends the guest when that closes.
 *
 * <p>Any thread, one at a time. Failures are {@link AssertionError}s with the end of the guest's console.
 */
public final class GuestRunner implements AutoCloseable {
    private static final int POLL_MS = 50;
    private static final Path SCRIPTS = Path.of(System.getProperty("karst.root"), "itests", "guest");

    private final String script;
    private final Path job;
    private final Process process;

    /** What a test does when its script asks for it. */
    @FunctionalInterface
    public interface Answers {
        /** Does it; an error ends the run. */
        void answer(List<String> words) throws IOException;
    }

    private GuestRunner(String script, Path job, Process process) {
        this.script = script;
        this.job = job;
        this.process = process;
    }

    /**
     * Why no guest can run here, in a sentence. In continuous integration ({@code CI=true}) a guest that is not there
     * is built first, which takes a minute or two; elsewhere that is left to whoever runs the tests.
     */
    public static Optional<String> missing() {
        List<String> command = new ArrayList<>(List.of(SCRIPTS.resolve("build").toString()));
        if (!inContinuousIntegration()) {
            command.add("-c");
        }
        try {
            Process build = new ProcessBuilder(command).redirectErrorStream(true).start();
            build.getOutputStream().close();
            String said = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return build.waitFor() == 0 ? Optional.empty() : Optional.of(said.substring(said.lastIndexOf('\n') + 1));
        } catch (IOException e) {
            return Optional.of("guest build: " + e.getMessage());
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /** The guest's root disk, which {@code build} made. Whoever wants to write to it takes a copy. */
    static Path root() {
        Path cache = Path.of(Optional.ofNullable(System.getenv("XDG_CACHE_HOME")).orElse(System.getProperty("user.home") + "/.cache"));
        return Path.of(Optional.ofNullable(System.getenv("KARST_GUEST")).orElse(cache.resolve("karst-guest").toString()), "root.ext4");
    }

    /** Makes a disk from which a PC's firmware boots that kernel with the guest's root. */
    static void makeBootDisk(String kernel, Path image) throws IOException {
        Process make = new ProcessBuilder(SCRIPTS.resolve("boot-disk").toString(), kernel, image.toString()).inheritIO().start();
        try {
            if (make.waitFor() != 0) {
                throw new AssertionError("boot-disk failed with status " + make.exitValue());
            }
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /** Whether this is continuous integration, where no test may be skipped for want of a tool. */
    public static boolean inContinuousIntegration() {
        return "true".equals(System.getenv("CI"));
    }

    /**
     * Boots a guest that runs the script.
     *
     * @param job the folder for what it leaves: {@code console}, {@code dmesg}, {@code out/}
     * @param kernel series: 6.1 or 6.12
     * @param processors of the guest
     * @param limit after which the guest is ended
     * @param command the script's name and its arguments
     */
    public static GuestRunner start(Path job, String kernel, int processors, Duration limit, String... command) throws IOException {
        delete(job);
        Files.createDirectories(job);
        return start(job, List.of("-k", kernel, "-c", Integer.toString(processors)), limit, List.of(), command);
    }

    /**
     * Boots a guest with these options of {@code run} and devices in QEMU's words; the job folder is there, and may hold more for the
     * script to find.
     */
    static GuestRunner start(Path job, List<String> options, Duration limit, List<String> devices, String... command)
        throws IOException {
        List<String> line = new ArrayList<>(List.of(SCRIPTS.resolve("run").toString(), "-p"));
        line.addAll(options);
        line.addAll(List.of("-t", Long.toString(limit.toSeconds()), "-o", job.toString(),
            SCRIPTS.resolve("scripts").resolve(command[0]).toString()));
        line.addAll(List.of(command).subList(1, command.length));
        line.add("--");
        line.addAll(devices);
        Path log = job.resolve("run.log");
        ProcessBuilder run = new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log.toFile());
        run.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return new GuestRunner(command[0], job, run.start());
    }

    /** Waits until the script ends, or the guest's time limit ends it, and fails unless its status is 0. */
    public void awaitSuccess() throws IOException {
        awaitSuccess(words -> {
            throw new AssertionError(script + " asks for " + words);
        });
    }

    /** The same for a script that asks. */
    public void awaitSuccess(Answers answers) throws IOException {
        Path ask = job.resolve("ask");
        while (!ended(POLL_MS)) {
            if (Files.exists(ask)) {
                List<String> words = List.of(Files.readString(ask).strip().split(" "));
                Files.delete(ask);
                answers.answer(words);
                Path answer = job.resolve("answer.new");
                Files.writeString(answer, "ok\n");
                Files.move(answer, job.resolve("answer"));
            }
        }
        if (process.exitValue() != 0) {
            throw failure(switch (process.exitValue()) {
                case 124 -> "did not end in time";
                case 125 -> "left no status: the guest did not start, or died";
                default -> "failed with status " + process.exitValue();
            });
        }
    }

    /** Waits until the script asks for that, and leaves it waiting for an answer. */
    void awaitAsk(String wanted) throws IOException {
        Path ask = job.resolve("ask");
        while (!Files.exists(ask) || !Files.readString(ask).strip().equals(wanted)) {
            if (ended(POLL_MS)) {
                throw failure("did not ask for " + wanted);
            }
        }
    }

    /** Ends the guest at once, as a power cut does: all its connections break. */
    void kill() {
        ProcessHandle machine = machine();
        machine.destroyForcibly();
        machine.onExit().join();
    }

    /** Lets the guest stand still: its connections stay, and nothing is answered. It can only be killed afterwards. */
    void freeze() throws IOException {
        Process stop = new ProcessBuilder("kill", "-STOP", Long.toString(machine().pid())).inheritIO().start();
        try {
            if (stop.waitFor() != 0) {
                throw failure("could not be stopped");
            }
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private ProcessHandle machine() {
        return process.descendants().filter(each -> each.info().command().orElse("").contains("qemu-system")).findFirst()
            .orElseThrow(() -> failure("has no machine any more"));
    }

    /** Ends the guest, if it still runs. */
    @Override
    public void close() {
        process.destroy();
        if (!ended(10_000)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private boolean ended(long waitMs) {
        try {
            return process.waitFor(waitMs, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private AssertionError failure(String what) {
        return new AssertionError(script + " " + what + "; its folder: " + job + "\n" + KarstInstance.tail(job.resolve("run.log")));
    }

    /** Deletes a folder with all in it, if it is there. */
    static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> paths = Files.walk(folder)) {
                for (Path path : paths.sorted(Collections.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private static AssertionError interrupted() {
        Thread.currentThread().interrupt();
        return new AssertionError("interrupted");
    }
}
