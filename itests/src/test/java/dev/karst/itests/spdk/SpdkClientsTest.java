package dev.karst.itests.spdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SPDK's own clients, from a checkout of SPDK that the variable {@code SPDK_DIR} names. */
@Timeout(300)
class SpdkClientsTest {
    private static final String PYTHON = "/usr/bin/python3";
    private static final String STATUS = "**STATUS=";
    /** What only ends the process, or has no sub-command. */
    private static final Set<String> NOT_CALLED =
        Set.of("spdk_kill_instance", "nvmf_get_targets", "nvmf_create_target", "nvmf_delete_target");

    @TempDir
    private Path folder;
    private Path scripts;
    private ServedSocket served;

    @BeforeEach
    void setUp() throws Exception {
        String spdk = System.getenv("SPDK_DIR");
        assumeTrue(spdk != null, "SPDK_DIR names no checkout of SPDK");
        scripts = Path.of(spdk, "scripts");
        served = new ServedSocket(folder.resolve("spdk.sock"));
        Files.write(folder.resolve("file"), new byte[1 << 20]);
        Path key = Files.writeString(folder.resolve("key"), "secret");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    }

    @AfterEach
    void tearDown() {
        if (served != null) {
            served.close();
        }
    }

    /** Each line of the script: a status that is expected, and a command with places for the folder and a port. */
    private List<String> script() throws IOException {
        try (InputStream in = SpdkClientsTest.class.getResourceAsStream("rpc-py.txt")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.replace("{folder}", folder.toString()).replace("{port}", Integer.toString(ComposedStack.freePort()))
                .lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
        }
    }

    @Test
    void shouldDoAllThatRpcPyAsksForWhenItsCommandsAreRun() throws Exception {
        List<String> wrong = new ArrayList<>();
        Set<String> called = new TreeSet<>();
        Process rpc = new ProcessBuilder(PYTHON, scripts.resolve("rpc.py").toString(), "--server")
            .redirectErrorStream(true).start();
        try (Writer to = rpc.outputWriter(); BufferedReader from = rpc.inputReader()) {
            for (String line : script()) {
                String command = line.substring(2);
                called.add(command.split(" ")[0]);
                to.write("-s " + served.path + " " + command + "\n");
                to.flush();
                StringBuilder output = new StringBuilder();
                String status = from.readLine();
                while (status != null && !status.startsWith(STATUS)) {
                    output.append(status).append('\n');
                    status = from.readLine();
                }
                if (!(STATUS + line.charAt(0)).equals(status)) {
                    wrong.add(command + " ended with " + status + "\n" + output);
                }
            }
        } finally {
            rpc.destroy();
        }
        assertEquals(List.of(), wrong, () -> String.join("\n", wrong));
        assertEquals(List.of(), served.methods().stream().filter(name -> !called.contains(name) && !NOT_CALLED.contains(name)
            && !name.startsWith("karst_") && !name.startsWith("reactor_")).toList(), "methods that the script leaves out");
    }

    @Test
    void shouldListMakeAndDeleteWhenSpdkcliIsUsed() throws Exception {
        assumeTrue(run(PYTHON, "-c", "import configshell_fb").status() == 0, "python3-configshell-fb is not installed");
        cli("/bdevs/malloc create 1 512 m0");
        cli("/bdevs/aio create a0 " + folder.resolve("file") + " 512");
        cli("/nvmf/transport create tcp");
        cli("/nvmf/subsystem create nqn.2016-06.io.spdk:cnode1 SPDK1 allow_any_host=true max_namespaces=4");
        cli("/nvmf/subsystem/nqn.2016-06.io.spdk:cnode1/namespaces create m0 1");
        cli("/nvmf/subsystem/nqn.2016-06.io.spdk:cnode1/listen_addresses create tcp 127.0.0.1 "
            + ComposedStack.freePort() + " IPv4");
        String tree = cli("ls");
        for (String shown : List.of("m0", "a0", "nqn.2016-06.io.spdk:cnode1", "TCP")) {
            assertTrue(tree.contains(shown), () -> "ls lacks " + shown + ":\n" + tree);
        }
        cli("/nvmf/subsystem delete nqn.2016-06.io.spdk:cnode1");
        cli("/bdevs/malloc delete m0");
        cli("/bdevs/aio delete a0");
        String left = cli("ls");
        assertTrue(!left.contains("m0") && !left.contains("a0 ") && !left.contains("cnode1"), left);
    }

    private record Ended(int status, String output) {}

    private String cli(String command) throws Exception {
        Ended ended = run(PYTHON, scripts.resolve("spdkcli.py").toString(), "-s", served.path.toString(), command);
        assertEquals(0, ended.status(), () -> command + ": " + ended.output());
        return ended.output();
    }

    private Ended run(String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("HOME", folder.toString());
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), () -> String.join(" ", command) + " does not end");
        return new Ended(process.exitValue(), output);
    }
}
