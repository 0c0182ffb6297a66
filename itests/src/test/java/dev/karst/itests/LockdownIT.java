package dev.karst.itests;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.KarstInstance.Result;
import dev.karst.itests.rpc.HttpClient;
import dev.karst.rpc.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Reader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The distribution as it is shipped, from outside: who gets in, and what gets out. One instance for all; what an operator may
 * have left open around it (a password, settings of Maven with a repository) must not open it.
 */
class LockdownIT {
    private static final String NQN = "nqn.2026-11.dev.karst:closed";
    private static final String SECRET = "a-secret-of-this-test";
    private static final String DEPLOY = "etc/org.apache.felix.fileinstall-deploy.cfg";
    /** What a user needs to be let in, so that only the way in can keep one out. */
    private static final String ADMINS = "_g_\\:admingroup = group,admin,manager,viewer,systembundles,ssh\n";
    private static final String OFF = "active.level = 1000";
    private static final String DROPPED = "dropped.by.test";
    private static final int ACCESS_DENIED = -13;
    private static final int PATIENCE = 20;

    @TempDir static Path folder;

    private static int nvmfPort;
    private static int httpPort;
    private static ServerSocketChannel repository;
    private static KarstInstance instance;

    @BeforeAll
    static void start() throws Exception {
        nvmfPort = KarstInstance.freePort();
        httpPort = KarstInstance.freePort();
        repository = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        repository.configureBlocking(false);
        String serving =
            SavedConfiguration.serving(nvmfPort, NQN, "bdev_malloc_create", "\"block_size\": 512, \"num_blocks\": 2048");
        instance = new KarstInstance(folder.resolve("data"), serving)
            .with("EXTRA_JAVA_OPTS", "-Duser.home=" + homeWithRepository());
        Files.writeString(instance.data().resolve("etc/dev.karst.rpc.cfg"), "http.port = " + httpPort + "\n");
        Files.writeString(instance.data().resolve("etc/users.properties"),
            "ann = " + SECRET + ",_g_:admingroup\n" + ADMINS);
        setDeploy(KarstInstance.shipped(DEPLOY).replace("active.level = 80", OFF));
        Files.createDirectories(instance.data().resolve("deploy"));
        dropBundle();
        instance.up();
        for (String role : List.of("viewer", "operator")) {
            rpc("karst_rpc_set_user", Map.of("name", role, "role", role, "password", SECRET));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        instance.close();
        repository.close();
    }

    private static Object rpc(String method, Map<String, Object> parameters) throws IOException {
        try (RpcSocket socket = new RpcSocket(instance.data().resolve("karst.sock"))) {
            return socket.call(method, parameters);
        }
    }

    /** A home as developers have it. */
    private static Path homeWithRepository() throws IOException {
        Path home = Files.createDirectories(folder.resolve("home/.m2")).getParent();
        int port = ((InetSocketAddress) repository.getLocalAddress()).getPort();
        Files.writeString(home.resolve(".m2/settings.xml"), """
            <settings>
              <profiles><profile><id>test</id><repositories><repository>
                <id>test</id><url>http://127.0.0.1:%d/maven2</url>
              </repository></repositories></profile></profiles>
              <activeProfiles><activeProfile>test</activeProfile></activeProfiles>
            </settings>
            """.formatted(port));
        return home;
    }

    private static void setDeploy(String text) throws IOException {
        Path file = instance.data().resolve(DEPLOY);
        Files.writeString(file.resolveSibling("deploy.new"), text);
        Files.move(file.resolveSibling("deploy.new"), file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** A bundle with nothing in it. */
    private static void dropBundle() throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.putValue("Bundle-ManifestVersion", "2");
        attributes.putValue("Bundle-SymbolicName", DROPPED);
        try (OutputStream file = Files.newOutputStream(instance.data().resolve("deploy/dropped.jar"))) {
            new JarOutputStream(file, manifest).close();
        }
    }

    @Test
    void shouldListenWhereConfiguredAndNowhereElse() throws Exception {
        assertEquals(
            Set.of("tcp 127.0.0.1:" + nvmfPort, "tcp 127.0.0.1:" + instance.shellPort(), "tcp 127.0.0.1:" + httpPort,
                instance.rpcSocket()),
            instance.sockets());
    }

    @Test
    void shouldShipWithoutUsersAndWithoutRemoteManagement() throws Exception {
        Properties users = new Properties();
        try (Reader text = Files.newBufferedReader(KarstInstance.DISTRIBUTION.resolve("etc/users.properties"))) {
            users.load(text);
        }
        assertEquals(Map.of(), users);
        Result bundles = instance.karst("shell", "bundle:list -s -t 0");
        assertTrue(bundles.output().contains("dev.karst.shell"), bundles::toString);
        for (String absent : List.of("karaf.management", "karaf.http", "webconsole", "karaf.deployer", "karaf.instance", "jolokia")) {
            assertFalse(bundles.output().contains(absent), absent);
        }
    }

    @Test
    void shouldLetOnlyTheGeneratedKeyIn() throws Exception {
        Path key = instance.data().resolve("etc/admin.key");
        Path other = folder.resolve("other.key");
        byte[] fresh = KeyPairGenerator.getInstance("RSA").generateKeyPair().getPrivate().getEncoded();
        Files.writeString(other, "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(fresh)
            + "\n-----END PRIVATE KEY-----\n", StandardCharsets.US_ASCII);
        String command = "jaas:whoami";
        Result right = instance.client(command, "-u", "karst", "-k", key.toString());
        assertTrue(right.status() == 0 && right.output().contains("karst"), right::toString);
        assertAll(
            () -> assertNotEquals(0, instance.client(command, "-u", "karst", "-k", other.toString()).status()),
            () -> assertNotEquals(0, instance.client(command, "-u", "ann", "-p", SECRET).status()),
            () -> assertNotEquals(0, instance.client(command, "-u", "ann", "-k", key.toString()).status()));
    }

    @Test
    void shouldKeepAllFilesToTheirOwner() throws Exception {
        Set<String> open = new TreeSet<>();
        try (Stream<Path> files = Files.list(instance.data())) {
            for (Path file : files.toList()) {
                String permissions = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
                if (!permissions.endsWith("------")) {
                    open.add(permissions + " " + instance.data().relativize(file));
                }
            }
        }
        assertEquals(Set.of(), open);
        for (String folder : List.of("etc", "log", "deploy", "state", "data")) {
            assertEquals("rwx------", permissions(folder), folder);
        }
        for (String file : List.of("karst.sock", "etc/admin.key", "etc/host.key", "etc/rpc.users", "etc/keys.properties", "log/karst.log")) {
            assertEquals("rw-------", permissions(file), file);
        }
    }

    private static String permissions(String file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(instance.data().resolve(file)));
    }

    /** At the end the same file is installed, so that it was the switch that held it back. */
    @Test
    void shouldTakeNothingFromDeployFolderUntilItIsSwitchedOn() throws Exception {
        for (int look = 0; look < 3; look++) {
            assertFalse(hasBundle(), "installed while the folder is off");
        }
        setDeploy(KarstInstance.shipped(DEPLOY));
        boolean installed = false;
        for (int look = 0; look < PATIENCE && !installed; look++) {
            installed = hasBundle();
        }
        assertTrue(installed, "not installed when the folder is on");
    }

    private static boolean hasBundle() throws IOException {
        return instance.karst("shell", "bundle:list -s -t 0").output().contains(DROPPED);
    }

    @Test
    void shouldAskNoRepositoryWhenBundleIsNotInDistribution() throws Exception {
        Result install = instance.karst("shell", "bundle:install mvn:org.example/none/1.0");
        assertNotEquals(0, install.status(), install::toString);
        assertNull(repository.accept());
    }

    @Test
    void shouldTellEachChangeOnceWhicheverWayItCame() throws Exception {
        rpc("bdev_null_create", Map.of("name", "by-socket", "num_blocks", 8L, "block_size", 512L));
        instance.shell("bdev:null-create by-shell 8 512");
        Map<?, ?> answer = http("operator", "by-http");
        assertEquals("by-http", answer.get("result"), answer::toString);
        Map<?, ?> refusal = (Map<?, ?>) http("viewer", "by-viewer").get("error");
        assertEquals((long) ACCESS_DENIED, refusal.get("code"), refusal::toString);
        String user = System.getProperty("user.name");
        assertAll(
            () -> assertEquals(List.of("audit: " + user + " (admin, socket) bdev_null_create"), told("by-socket")),
            () -> assertEquals(List.of("audit: karst (admin, shell) bdev_null_create"), told("by-shell")),
            () -> assertEquals(List.of("audit: operator (operator, HTTP) bdev_null_create"), told("by-http")),
            () -> assertEquals(List.of("audit: viewer (viewer, HTTP) bdev_null_create"), told("by-viewer")));
    }

    private static Map<?, ?> http(String user, String name) throws IOException {
        try (HttpClient client = new HttpClient(httpPort, user, SECRET)) {
            client.send(Json.text(Map.of("jsonrpc", "2.0", "id", 1L, "method", "bdev_null_create",
                "params", Map.of("name", name, "num_blocks", 8L, "block_size", 512L))).getBytes(StandardCharsets.UTF_8));
            return (Map<?, ?>) client.receive();
        }
    }

    /** The beginnings of the lines of the log that speak of a device. */
    private static List<String> told(String name) throws IOException {
        return Files.readAllLines(instance.data().resolve("log/karst.log")).stream()
            .filter(line -> line.contains("\"" + name + "\""))
            .map(line -> line.replaceAll(".* \\| (audit: .*?) \\{.*", "$1")).toList();
    }

    @Test
    void shouldKeepSecretsToItself() throws Exception {
        Path key = Files.writeString(folder.resolve("host.key"), SECRET);
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        rpc("keyring_file_add_key", Map.of("name", "host", "path", key.toString()));
        assertNotEquals(0, instance.karst("rpc", "karst_rpc_set_user", "name=bob", "role=none", "password=" + SECRET).status());
        for (String method : List.of("keyring_get_keys", "karst_rpc_get_users")) {
            String reply = Json.text(rpc(method, Map.of()));
            assertTrue(reply.startsWith("[{\"name\":"), reply);
            assertFalse(reply.contains(SECRET) || reply.contains("pbkdf2"), reply);
        }
        Path given = instance.data().resolve("etc/users.properties");
        try (Stream<Path> files = Files.walk(instance.data())) {
            for (Path file : files.filter(Files::isRegularFile).filter(file -> !file.equals(given)).toList()) {
                assertFalse(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(SECRET), file::toString);
            }
        }
    }
}
