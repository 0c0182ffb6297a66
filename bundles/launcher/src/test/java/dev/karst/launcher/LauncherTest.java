package dev.karst.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LauncherTest {
    private static final String ABSENT = "{\"error\": {\"code\": -32601, \"message\": \"Method not found\"}}";

    @TempDir Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void shouldPrintResultWhenCallSucceeds() throws Exception {
        FutureTask<Object> server = answer("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"name\":\"m0\",\"blocks\":[1,2]}}");
        assertEquals(0, run("rpc", socket(), "bdev_get", "name=m0", "block_size=512", "flags=[true]", "alias=\"7\""));
        assertEquals("{\n  \"name\": \"m0\",\n  \"blocks\": [\n    1,\n    2\n  ]\n}\n", out.toString());
        Map<?, ?> request = (Map<?, ?>) server.get();
        assertEquals("bdev_get", request.get("method"));
        assertEquals(Json.parse("{\"name\":\"m0\",\"block_size\":512,\"flags\":[true],\"alias\":\"7\"}"), request.get("params"));
    }

    @Test
    void shouldPrintOneLineWhenServerRefuses() throws Exception {
        answer("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-19,\"message\":\"there is no bdev m1\"}}");
        assertEquals(1, run("rpc", socket(), "bdev_get"));
        assertEquals("karst: bdev_get: there is no bdev m1 (code -19)\n", err.toString());
    }

    @Test
    void shouldNameThingAndRemedyWhenServerDoesNot() throws Exception {
        answer("{\"error\":{\"code\":-19,\"message\":\"No such device\"}}");
        assertEquals(1, run("rpc", socket(), "bdev_get_bdevs", "name=m1"));
        assertEquals("karst: bdev_get_bdevs m1: No such device; without a name it lists all (code -19)\n", err.toString());
    }

    @Test
    void shouldNameMethodOnceWhenServerDoes() throws Exception {
        answer("{\"error\":{\"code\":-22,\"message\":\"bdev_make m1: it is full\"}}");
        assertEquals(1, run("rpc", socket(), "bdev_make", "name=m1"));
        assertEquals("karst: bdev_make m1: it is full (code -22)\n", err.toString());
    }

    @Test
    void shouldNameSocketWhenNobodyListens() {
        assertEquals(1, run("rpc", socket(), "bdev_get"));
        assertTrue(err.toString().startsWith("karst: nobody listens on " + socket()), err.toString());
    }

    @Test
    void shouldNameArgumentWhenItIsNoAssignment() {
        assertEquals(1, run("rpc", socket(), "bdev_get", "m0"));
        assertEquals("karst: 'm0' is not of the form key=value\n", err.toString());
    }

    @Test
    void shouldPrintConnectLinesWhenSubsystemsListen() throws Exception {
        answer("{\"result\": {\"state\": \"ready\", \"calls\": 4, \"failed\": []}}", """
            {"result": [
              {"nqn": "nqn.2014-08.org.nvmexpress.discovery", "subtype": "Discovery", "listen_addresses": []},
              {"nqn": "nqn.2026-11.dev.karst:a", "subtype": "NVMe",
               "listen_addresses": [{"trtype": "TCP", "adrfam": "IPv4", "traddr": "127.0.0.1", "trsvcid": "4420"}],
               "namespaces": [{"nsid": 1, "bdev_name": "disk0"}]}]}""", """
            {"result": [{"name": "iqn.2026-11.dev.karst:b", "luns": [{"bdev_name": "disk1", "lun_id": 3}],
              "pg_ig_maps": [{"pg_tag": 1, "ig_tag": 2}]}]}""", """
            {"result": [{"tag": 1, "portals": [{"host": "::1", "port": "3260"}]}, {"tag": 2, "portals": [{"host": "::1", "port": "1"}]}]}""", """
            {"result": [{"ctrlr": "vb0", "backend_specific": {"block": {"readonly": false, "bdev": "disk2"}}},
              {"ctrlr": "vs0", "backend_specific": {"scsi": [{"luns": [{"id": 0, "bdev_name": "disk3"}]}, {"luns": [{"bdev_name": "disk4"}]}]}}]}""",
            "{\"result\": [\"-chardev socket\", \"-device vhost-user-blk-pci\"]}", ABSENT);
        assertEquals(0, run("serving", socket()));
        assertEquals("""
            nqn.2026-11.dev.karst:a with disk0
              nvme connect -t tcp -a 127.0.0.1 -s 4420 -n nqn.2026-11.dev.karst:a
            iqn.2026-11.dev.karst:b with disk1
              iscsiadm -m discovery -t sendtargets -p [::1]:3260 --login
              qemu-img info iscsi://[::1]:3260/iqn.2026-11.dev.karst:b/3
            vb0 with disk2
              qemu-system-x86_64 -chardev socket -device vhost-user-blk-pci
            vs0 with disk3, disk4
            """, out.toString());
    }

    @Test
    void shouldNameFirstFailureWhenNothingCanBeReached() throws Exception {
        answer("{\"result\": {\"state\": \"failed\", \"failed\": [{\"method\": \"m\", \"message\": \"port 4420 is in use\"}, {}]}}",
            "{\"result\": [{\"subtype\": \"NVMe\", \"listen_addresses\": [], \"namespaces\": [{\"nsid\": 1}]}]}", ABSENT, ABSENT, ABSENT);
        assertEquals(1, run("serving", socket()));
        assertEquals("karst: m: port 4420 is in use; 1 more failed\n", err.toString());
    }

    @Test
    void shouldSayWhatIsLeftOutWhenTheRestOfAFileIsServed() throws Exception {
        answer("""
            {"result": {"state": "failed", "saved": false, "failed": [
              {"method": "aio", "code": -2, "message": "there is no f.img"},
              {"method": "iscsi_x", "code": -32601, "message": "Method not found: iscsi_x"},
              {"method": "sock_y", "code": -32601, "message": "Method not found: sock_y"},
              {"method": "iscsi_x", "code": -32601, "message": "Method not found: iscsi_x"}]}}""", """
            {"result": [{"nqn": "q", "subtype": "NVMe", "namespaces": [{"nsid": 1, "bdev_name": "m"}],
              "listen_addresses": [{"trtype": "TCP", "traddr": "::1", "trsvcid": "1"}]}]}""", ABSENT, ABSENT, ABSENT);
        assertEquals(0, run("serving", socket()));
        assertEquals("""
            q with m
              nvme connect -t tcp -a ::1 -s 1 -n q
            Left out until the next start: aio: there is no f.img
            Left out, as nothing here has these methods: iscsi_x (2 calls), sock_y
            """, out.toString());
    }

    @Test
    void shouldSayWhatIsLeftOutWhenOnlyMethodsAreAbsent() throws Exception {
        answer("{\"result\": {\"state\": \"ready\", \"failed\": [{\"method\": \"x\", \"code\": -32601, \"message\": \"Method not found: x\"}]}}",
            "{\"result\": []}", ABSENT, ABSENT, ABSENT);
        assertEquals(0, run("serving", socket()));
        assertTrue(out.toString().endsWith("Left out, as nothing here has these methods: x\n"), out.toString());
    }

    @Test
    void shouldSayWhatIsLeftOutWhenASavedStateIsNotWhole() throws Exception {
        answer("""
            {"result": {"state": "failed", "failed": [{"method": "aio", "message": "there is no f.img"}], "saved": true,
              "notes": ["the copy was taken"]}}""", "{\"result\": []}", ABSENT, ABSENT, ABSENT);
        assertEquals(0, run("serving", socket()));
        assertEquals("""
            Nothing is served yet; see karst rpc nvmf_create_subsystem
            The saved state: the copy was taken
            Left out until the next start: aio: there is no f.img
            """, out.toString());
    }

    @Test
    void shouldWriteKeyForOwnerOnlyWhenLoginKeyIsMade() throws Exception {
        Path key = folder.resolve("admin.key");
        assertEquals(0, run("login-key", key.toString()));
        assertTrue(out.toString().matches("karst = AAAAB3NzaC1yc2E[A-Za-z0-9+/=]+,_g_:admingroup\n"), out.toString());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(key)));
    }

    @Test
    void shouldPassOverPortWhenItIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertEquals(0, run("free-port", String.valueOf(taken.getLocalPort())));
            assertTrue(Integer.parseInt(out.toString().strip()) > taken.getLocalPort());
        }
    }

    private int run(String... arguments) {
        return new Launcher(new PrintStream(out), new PrintStream(err)).run(List.of(arguments));
    }

    private String socket() {
        return folder.resolve("s").toString();
    }

    /** Answers one connection after the other; gives the first request. */
    private FutureTask<Object> answer(String... responses) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket()));
        FutureTask<Object> task = new FutureTask<>(() -> {
            List<Object> requests = new ArrayList<>();
            try (server) {
                for (String response : responses) {
                    requests.add(answer(server, response));
                }
            }
            return requests.getFirst();
        });
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    private static Object answer(ServerSocketChannel server, String response) throws IOException {
        try (var connection = server.accept()) {
            Object request = Json.read(Channels.newReader(connection, StandardCharsets.UTF_8));
            connection.write(ByteBuffer.wrap(response.getBytes(StandardCharsets.UTF_8)));
            return request;
        }
    }
}
