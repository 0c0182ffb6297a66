package dev.karst.rpc.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.rpc.RpcMethod.Role;
import dev.karst.rpc.core.Fixture;
import dev.karst.rpc.core.JsonRpcServer;
import dev.karst.rpc.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HttpRpcServerTest {
    private static final String LOOPBACK = "127.0.0.1";
    private static final String PASSWORD = "correct horse: battery \u00fc";

    private final Fixture fixture = new Fixture();
    private final HttpClient client = HttpClient.newHttpClient();
    private Path file;
    private HttpUsers users;
    private HttpRpcServer server;

    /** Settings as a configuration would give them. */
    private record Given(String http_address, int http_port) implements JsonRpcServer.Settings {
        @Override
        public String socket() {
            return "";
        }

        @Override
        public int max_connections() {
            return 0;
        }

        @Override
        public int request_seconds() {
            return 30;
        }

        @Override
        public String http_users() {
            return "";
        }

        @Override
        public int http_max_requests() {
            return 1;
        }

        @Override
        public Class<JsonRpcServer.Settings> annotationType() {
            return JsonRpcServer.Settings.class;
        }
    }

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        file = folder.resolve("etc").resolve("rpc.users");
        users = new HttpUsers(file);
        fixture.registry.addMethods(users);
        new UserFile(file).write(Map.of("root", new UserFile.User(Role.ADMIN, Password.keep(PASSWORD, 1))));
        server = start(LOOPBACK, freePort());
    }

    @AfterEach
    void stop() {
        fixture.slowMayEnd.countDown();
        server.stop();
        client.close();
    }

    private HttpRpcServer start(String address, int port) {
        return new HttpRpcServer(fixture.registry, users, new Given(address, port));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void setUser(String name, String role) throws Exception {
        fixture.registry.call("karst_rpc_set_user", Map.of("name", name, "role", role, "password", PASSWORD));
    }

    private static String basic(String name, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    private HttpRequest.Builder request() {
        return HttpRequest.newBuilder(URI.create("http://" + LOOPBACK + ":" + server.address().getPort() + "/any/path"));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String user, String body) throws Exception {
        return send(request().header("Authorization", basic(user, PASSWORD)).POST(BodyPublishers.ofString(body)));
    }

    private static String call(String method) {
        return "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\"}";
    }

    private static Object member(HttpResponse<String> response, String... path) throws Exception {
        Object value = Json.parse(response.body());
        for (String name : path) {
            value = ((Map<?, ?>) value).get(name);
        }
        return value;
    }

    @Test
    void shouldAnswerWith200WhenCallSucceeds() throws Exception {
        HttpResponse<String> response = post("root", call("thing_list"));
        assertEquals(200, response.statusCode());
        assertEquals("application/json", response.headers().firstValue("Content-Type").orElse(""));
        assertEquals("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[]}", response.body());
        assertTrue(response.headers().firstValue("Content-Length").isPresent(), "a short answer has a length");
    }

    @Test
    void shouldAnswerWith200WhenCallFails() throws Exception {
        HttpResponse<String> response = post("root", call("none"));
        assertEquals(200, response.statusCode());
        assertEquals(-32601L, member(response, "error", "code"));
    }

    @Test
    void shouldAnswerBatchWhenOneIsPosted() throws Exception {
        HttpResponse<String> response = post("root", "[" + call("thing_list") + "," + call("none") + "]");
        assertEquals(2, ((List<?>) member(response)).size());
    }

    @Test
    void shouldAnswerWith204WhenNoAnswerIsDue() throws Exception {
        HttpResponse<String> response = post("root", "{\"jsonrpc\":\"2.0\",\"method\":\"thing_list\"}");
        assertEquals(204, response.statusCode());
    }

    @Test
    void shouldAnswerWith401WhenThereIsNoAuthorization() throws Exception {
        HttpResponse<String> response = send(request().POST(BodyPublishers.ofString(call("thing_list"))));
        assertEquals(401, response.statusCode());
        assertTrue(response.headers().firstValue("WWW-Authenticate").orElse("").startsWith("Basic realm="));
    }

    @ParameterizedTest
    @CsvSource({"root, wrong password", "nobody, correct horse: battery \u00fc", "root, ''"})
    void shouldAnswerWith401WhenUserOrPasswordIsWrong(String user, String password) throws Exception {
        post("root", call("thing_list"));
        HttpRequest.Builder request = request().header("Authorization", basic(user, password));
        assertEquals(401, send(request.POST(BodyPublishers.ofString(call("thing_list")))).statusCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic", "Basic !!!", "Basic cm9vdA==", "Bearer cm9vdDp4", "Digest username=root"})
    void shouldAnswerWith401WhenAuthorizationIsOdd(String authorization) throws Exception {
        HttpRequest.Builder request = request().header("Authorization", authorization);
        assertEquals(401, send(request.POST(BodyPublishers.ofString(call("thing_list")))).statusCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "DELETE", "OPTIONS"})
    void shouldAnswerWith405WhenItIsNoPost(String method) throws Exception {
        HttpResponse<String> response = send(request().method(method, BodyPublishers.noBody()));
        assertEquals(405, response.statusCode());
        assertEquals("POST", response.headers().firstValue("Allow").orElse(""));
    }

    @Test
    void shouldAnswerWith413WhenRequestIsTooLong() throws Exception {
        HttpResponse<String> response = post("root", "[\"" + "x".repeat(1 << 20) + "\"]");
        assertEquals(413, response.statusCode());
        assertEquals(-32600L, member(response, "error", "code"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "nonsense", "{}{}", "[1,]"})
    void shouldAnswerWith500WhenBodyIsNoDocument(String body) throws Exception {
        HttpResponse<String> response = post("root", body);
        assertEquals(500, response.statusCode());
        assertEquals(-32700L, member(response, "error", "code"));
    }

    @Test
    void shouldAnswerWith503WhenTooManyRequestsRun() throws Exception {
        CompletableFuture<HttpResponse<String>> running = postLong();
        assertTrue(Fixture.await(fixture.slowEntered));
        HttpResponse<String> response = post("root", call("thing_list"));
        assertEquals(503, response.statusCode());
        assertEquals("1", response.headers().firstValue("Retry-After").orElse(""));
        fixture.slowMayEnd.countDown();
        assertEquals(true, member(running.get(), "result"));
        assertEquals(200, post("root", call("thing_list")).statusCode());
    }

    private CompletableFuture<HttpResponse<String>> postLong() {
        HttpRequest.Builder request = request().header("Authorization", basic("root", PASSWORD));
        return client.sendAsync(request.POST(BodyPublishers.ofString(call("thing_wait"))).build(), BodyHandlers.ofString());
    }

    @Test
    void shouldSendAllInChunksWhenAnswerIsLong() throws Exception {
        HttpResponse<String> response = post("root", call("thing_large"));
        int frame = call("").length() - "\"method\":".length() + "\"result\":".length();
        assertEquals((40 << 20) + frame, response.body().length());
        assertTrue(response.headers().firstValue("Content-Length").isEmpty());
    }

    /** Sends text as it stands and gives what comes back until the server closes. */
    private String raw(String... parts) throws IOException {
        try (Socket socket = new Socket(LOOPBACK, server.address().getPort())) {
            InputStream in = socket.getInputStream();
            String got = "";
            for (String part : parts) {
                socket.getOutputStream().write(part.getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().flush();
                byte[] buffer = new byte[1000];
                int count = in.read(buffer);
                got += new String(buffer, 0, Math.max(0, count), StandardCharsets.US_ASCII);
            }
            return got + new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private String head(String... more) {
        return "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: " + basic("root", PASSWORD) + "\r\n"
            + String.join("\r\n", more) + "\r\n\r\n";
    }

    @Test
    void shouldAnswerWhenRequestComesInChunks() throws Exception {
        String body = call("thing_list");
        String half = body.substring(0, 20);
        String rest = body.substring(20);
        String answer = raw(head("Transfer-Encoding: chunked") + Integer.toHexString(half.length()) + "\r\n" + half + "\r\n"
            + Integer.toHexString(rest.length()) + "\r\n" + rest + "\r\n0\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 200") && answer.endsWith("\"result\":[]}"), answer);
    }

    @Test
    void shouldSayContinueWhenClientWaitsForIt() throws Exception {
        String body = call("thing_list");
        String answer = raw(head("Expect: 100-continue", "Content-Length: " + body.length()), body);
        assertTrue(answer.startsWith("HTTP/1.1 100") && answer.contains("HTTP/1.1 200"), answer);
    }

    @Test
    void shouldAnswerWithoutChunksWhenClientSpeaksHttp10() throws Exception {
        String body = call("thing_list");
        String answer = raw(head("Content-Length: " + body.length()).replace("HTTP/1.1", "HTTP/1.0") + body);
        assertTrue(answer.endsWith("\"result\":[]}"), answer);
    }

    @ParameterizedTest
    @CsvSource({"viewer, thing_list, true", "viewer, thing_create, false", "operator, thing_create, true",
        "operator, karst_rpc_get_users, false", "admin, karst_rpc_get_users, true"})
    void shouldAllowWhatRoleMay(String role, String method, boolean allowed) throws Exception {
        setUser("ann", role);
        String named = call(method).replace("}", ",\"params\":{\"name\":\"x\"}}");
        HttpResponse<String> response = post("ann", method.equals("thing_create") ? named : call(method));
        assertEquals(200, response.statusCode());
        assertEquals(allowed ? null : -13L, member(response, "error") == null ? null : member(response, "error", "code"));
    }

    @Test
    void shouldForgetUserAndPasswordWhenTheyAreChanged() throws Exception {
        assertEquals(200, post("root", call("thing_list")).statusCode());
        fixture.registry.call("karst_rpc_set_user", Map.of("name", "root", "role", "admin", "password", "another one"));
        assertEquals(401, post("root", call("thing_list")).statusCode());
        setUser("root", "viewer");
        assertEquals(200, post("root", call("thing_list")).statusCode());
        fixture.registry.call("karst_rpc_remove_user", Map.of("name", "root"));
        assertEquals(401, post("root", call("thing_list")).statusCode());
    }

    @Test
    void shouldRefuseAllWhenFileOfUsersIsOpenToOthers() throws Exception {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertEquals(401, post("root", call("thing_list")).statusCode());
    }

    @Test
    void shouldNotListenUntilThereIsAUser(@TempDir Path folder) throws Exception {
        server.stop();
        users = new HttpUsers(folder.resolve("rpc.users"));
        server = start(LOOPBACK, freePort());
        assertNull(server.address());
        RpcCalls.set(users, "ann", "viewer", PASSWORD);
        assertEquals(200, post("ann", call("thing_list")).statusCode());
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 0", "0.0.0.0, 1", "192.0.2.1, 1", "127.0.0.1, 65536", "127.0.0.1, -1", "'', 0"})
    void shouldNotListenWhenSettingsForbidIt(String address, int port) throws Exception {
        server.stop();
        server = start(address, port == 1 ? freePort() : port);
        assertNull(server.address());
    }

    @Test
    void shouldFinishRequestWhenStopped() throws Exception {
        CompletableFuture<HttpResponse<String>> running = postLong();
        assertTrue(Fixture.await(fixture.slowEntered));
        fixture.slowMayEnd.countDown();
        server.stop();
        assertEquals(true, member(running.get(), "result"));
    }
}
