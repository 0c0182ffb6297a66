package dev.karst.itests.iscsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.itests.guest.GuestRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What libiscsi's programs and QEMU's say of a disk over iSCSI. Debian: libiscsi-bin, qemu-utils, qemu-block-extra. */
class LibiscsiTest {
    /** What a disk may lack: it is not removable, has no atomic writes, is not to be wiped by a test, and so on. */
    private static final int MOST_SKIPS = 40;
    private static final Pattern TESTS = Pattern.compile("\\n +tests +(\\d+) +(\\d+) +(\\d+) +(\\d+) ");
    private static final long LIMIT_S = 300;

    @TempDir
    private Path folder;

    private IscsiStack stack;

    @BeforeEach
    void start() throws Exception {
        stack = new IscsiStack();
    }

    @AfterEach
    void stop() {
        stack.close();
    }

    private String run(String... command) throws Exception {
        return run(0, command);
    }

    private String run(int status, String... command) throws Exception {
        boolean found = Path.of("/usr/bin", command[0]).toFile().canExecute();
        if (!found) {
            assertFalse(GuestRunner.inContinuousIntegration(), command[0] + " is not installed, and continuous integration skips nothing");
        }
        assumeTrue(found, command[0] + " is not installed");
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        if (!process.waitFor(LIMIT_S, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + " has not ended: " + Files.readString(output));
        }
        String printed = Files.readString(output);
        assertEquals(status, process.exitValue(), () -> String.join(" ", command) + " gave " + printed);
        return printed;
    }

    @Test
    void shouldBeFoundAndAskedWhenDiscovered() throws Exception {
        String found = run("iscsi-ls", "-s", stack.portal());
        assertTrue(found.contains("Target:" + IscsiStack.NODE) && found.contains("Lun:0    Type:DIRECT_ACCESS"), found);
        assertTrue(run("iscsi-inq", stack.url()).contains("Vendor:KARST"));
        String size = run("iscsi-readcapacity16", stack.url());
        assertTrue(size.contains("BLOCK ADDRESS:" + (IscsiStack.BLOCKS - 1)), size);
    }

    @Test
    void shouldReadWhatQemuWrote() throws Exception {
        String info = run("qemu-img", "info", stack.url());
        assertTrue(info.contains("virtual size: 128 MiB"), info);
        for (String digest : List.of("none", "crc32c", "none-crc32c")) {
            String options = "driver=iscsi,transport=tcp,portal=127.0.0.1:" + stack.port + ",target=" + IscsiStack.NODE
                + ",lun=0,header-digest=" + digest;
            String done = run("qemu-io", "--image-opts", "-c", "write -P 0x5a 0 3M", "-c", "write -P 0x77 3000k 1537k", "-c", "flush",
                "-c", "read -P 0x5a 0 3000k", "-c", "read -P 0x77 3000k 1537k", options);
            assertTrue(!done.contains("failed"), done);
        }
        Path copy = folder.resolve("copy.qcow2");
        run("qemu-img", "convert", "-O", "qcow2", stack.url(), copy.toString());
        assertTrue(run("qemu-img", "compare", stack.url(), copy.toString()).contains("identical"));
    }

    @Test
    void shouldLetInWhoKnowsTheSecretWhenQemuLogsIn() throws Exception {
        Path key = Files.writeString(folder.resolve("key"), "a secret of QEMU's\n");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        stack.call("keyring_file_add_key", Map.of("name", "host", "path", key.toString()));
        stack.call("iscsi_create_auth_group", Map.of("tag", 1L, "secrets", List.of(Map.of("user", "qemu", "secret", "host"))));
        stack.call("iscsi_target_node_set_auth", Map.of("name", IscsiStack.NODE, "require_chap", true, "chap_group", 1L));
        String url = "iscsi://qemu%a secret of QEMU's@127.0.0.1:" + stack.port + "/" + IscsiStack.NODE + "/0";
        // It knows MD5 only.
        run(1, "qemu-img", "info", url);
        stack.target().allowMd5(true);
        assertTrue(run("qemu-img", "info", url).contains("virtual size: 128 MiB"));
        run(1, "qemu-img", "info", url.replace("a secret", "no secret"));
        run(1, "qemu-img", "info", stack.url());
    }

    @Test
    void shouldPassAllOfTheConformanceTests() throws Exception {
        // Twice the same disk: some tests are about several paths.
        String said = run("iscsi-test-cu", "--dataloss", "--ignore", "--normal", "--test", "ALL", stack.url(), stack.url());
        assertPassed(said, 230);
        long skips = said.lines().filter(line -> line.contains("[SKIPPED]")).count();
        assertTrue(skips <= MOST_SKIPS, () -> skips + " skip lines: " + said);
    }

    private static void assertPassed(String said, int least) {
        Matcher tests = TESTS.matcher(said);
        assertTrue(tests.find(), said);
        assertTrue(Integer.parseInt(tests.group(1)) >= least, said);
        assertEquals("0", tests.group(4), said);
    }

    /**
     * One of these tests looks whether an overwrite is still going on after five seconds: the disk is a slow one. It comes first, since
     * others take reservations, which end soon after the session.
     */
    @Test
    void shouldPassTheConformanceTestsOfSanitize() throws Exception {
        stack.call("bdev_uring_create", Map.of("name", "slow", "filename", folder.resolve("disk").toString(), "create_size_mib", 9L));
        stack.call("bdev_set_qos_limit", Map.of("name", "slow", "w_mbytes_per_sec", 1L));
        stack.call("iscsi_target_node_add_lun", Map.of("name", IscsiStack.NODE, "bdev_name", "slow", "lun_id", 1L));
        String slow = stack.url().replace(IscsiStack.NODE + "/0", IscsiStack.NODE + "/1");
        long skips = 0;
        for (String test : List.of("Reset", "Overwrite", "OverwriteReserved", "BlockErase", "BlockEraseReserved", "CryptoErase",
            "CryptoEraseReserved", "ExitFailureMode", "InvalidServiceAction", "Readonly", "Reservations")) {
            String said = run("iscsi-test-cu", "--dataloss", "--allow-sanitize", "--ignore", "--normal", "--test", "SCSI.Sanitize." + test,
                slow);
            assertPassed(said, 1);
            skips += said.lines().filter(line -> line.contains("[SKIPPED]")).count();
        }
        assertEquals(3, skips, "CRYPTO ERASE");
    }
}
