package dev.karst.bdev.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Commands of the machine that the tests run on. */
final class HostTools {
    private HostTools() {}

    /** Runs it; whether it ended well. */
    static boolean run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    }

    /** What it prints, stripped; null when it fails or is missing. */
    static String ask(String... command) throws IOException, InterruptedException {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0 ? text : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** Bytes that the file takes on the disk. */
    static long allocatedBytes(Path file) throws IOException, InterruptedException {
        return 512 * Long.parseLong(ask("stat", "-c", "%b", file.toString()));
    }
}
