package dev.karst.itests.scsi;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process of the target of Debian's package {@code tgt}, with a disk as LUN 1; all that it has is in a folder. It is told apart
 * from any other of the machine by its control socket, which is in that folder.
 */
final class Tgtd implements AutoCloseable {
    static final Path PROGRAM = Path.of("/usr/sbin/tgtd");
    static final String NODE = "iqn.2026-11.dev.karst:other";

    private static final String CONTROL_PORT = "9";
    private static final long LIMIT_MS = 120_000;
    private static final long POLL_MS = 50;

    private final Path folder;
    private Process process;
    final int port;

    /** Starts it with a disk of that many bytes. */
    Tgtd(Path folder, long bytes) throws IOException {
        this.folder = folder;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Files.write(folder.resolve("disk"), new byte[(int) bytes]);
        try {
            run();
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** Starts it again if it has died. */
    void revive() throws IOException {
        // A connection may be seen to end before the process has.
        if (endsWithin(process, 4 * POLL_MS)) {
            run();
        }
    }

    private void run() throws IOException {
        Files.deleteIfExists(folder.resolve("control." + CONTROL_PORT));
        process = start(PROGRAM.toString(), "-f", "-C", CONTROL_PORT, "--iscsi", "portal=127.0.0.1:" + port);
        for (int waited = 0; !isControlled(); waited++) {
            if (endsWithin(process, POLL_MS) || waited > LIMIT_MS / POLL_MS) {
                throw new IOException("tgtd does not start: " + Files.readString(folder.resolve("tgtd.log")));
            }
        }
        admin("--mode", "target", "--op", "new", "--tid", "1", "-T", NODE);
        admin("--mode", "logicalunit", "--op", "new", "--tid", "1", "--lun", "1", "-b", folder.resolve("disk").toString());
        admin("--mode", "logicalunit", "--op", "update", "--tid", "1", "--lun", "1", "--params", "thin_provisioning=1");
        admin("--mode", "target", "--op", "bind", "--tid", "1", "-I", "127.0.0.1");
    }

    private Process start(String... command) throws IOException {
        File log = folder.resolve(Path.of(command[0]).getFileName() + ".log").toFile();
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log);
        builder.environment().put("TGT_IPC_SOCKET", folder.resolve("control").toString());
        return builder.start();
    }

    private static boolean endsWithin(Process process, long millis) throws IOException {
        try {
            return process.waitFor(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private int administer(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("/usr/sbin/tgtadm", "-C", CONTROL_PORT, "--lld", "iscsi"));
        command.addAll(List.of(arguments));
        Process admin = start(command.toArray(String[]::new));
        if (!endsWithin(admin, LIMIT_MS)) {
            admin.destroyForcibly();
            throw new IOException(command + " has not ended");
        }
        return admin.exitValue();
    }

    private boolean isControlled() throws IOException {
        return Files.exists(folder.resolve("control." + CONTROL_PORT))
            && administer("--mode", "target", "--op", "show") == 0;
    }

    private void admin(String... arguments) throws IOException {
        if (administer(arguments) != 0) {
            throw new IOException(List.of(arguments) + ": " + Files.readString(folder.resolve("tgtadm.log")));
        }
    }

    @Override
    public void close() {
        // It would wait for its initiators if it were asked to end.
        process.destroyForcibly().onExit().orTimeout(LIMIT_MS, TimeUnit.MILLISECONDS).join();
    }
}
