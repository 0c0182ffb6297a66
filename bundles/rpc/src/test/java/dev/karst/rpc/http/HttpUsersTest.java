package dev.karst.rpc.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.rpc.RpcMethod.Role;
import dev.karst.rpc.RpcUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpUsersTest {
    private static final String PASSWORD = "a long password";
    /** Of 1 iteration, for speed. */
    private static final String KEPT = "pbkdf2-sha512$1$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    @TempDir private Path folder;
    private Path path;
    private HttpUsers users;

    @BeforeEach
    void start() {
        path = folder.resolve("rpc.users");
        users = new HttpUsers(path);
    }

    private void write(String text) throws IOException {
        Files.writeString(path, text);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void shouldKeepUsersInFileOfOwnerWhenSet() throws Exception {
        RpcCalls.set(users, "ann", "VIEWER", PASSWORD);
        RpcCalls.set(users, "bob", "admin", PASSWORD);
        RpcCalls.set(users, "ann", "operator", PASSWORD);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        assertFalse(Files.readString(path).contains(PASSWORD));
        HttpUsers again = new HttpUsers(path);
        assertEquals(
            List.of(Map.of("name", "ann", "role", "operator"), Map.of("name", "bob", "role", "admin")),
            RpcCalls.call(again, "karst_rpc_get_users", Map.of()));
        assertEquals(Optional.of(new RpcUser("bob", "HTTP", Role.ADMIN)), again.user("bob", PASSWORD));
        assertEquals(Optional.empty(), again.user("bob", PASSWORD + "x"));
        assertEquals(Optional.empty(), again.user("eve", PASSWORD));
    }

    @Test
    void shouldSaltEachPasswordWhenTheyAreTheSame() {
        assertFalse(Password.keep(PASSWORD).equals(Password.keep(PASSWORD)));
        assertTrue(Password.isKept(Password.keep(PASSWORD)));
    }

    @ParameterizedTest
    @CsvSource({"'', viewer, long enough", "a:b, viewer, long enough", "a b, viewer, long enough", "#a, viewer, long enough",
        "ann, viewer, short", "ann, king, long enough"})
    void shouldRefuseWhenParameterIsWrong(String name, String role, String password) {
        StorageException e = assertThrows(StorageException.class, () -> RpcCalls.set(users, name, role, password));
        assertEquals(-32602, e.code());
        assertFalse(e.getMessage().contains("short"), e.getMessage());
        assertFalse(Files.exists(path));
    }

    @Test
    void shouldSayNotFoundWhenUserToRemoveIsUnknown() {
        StorageException e = assertThrows(
            StorageException.class, () -> RpcCalls.call(users, "karst_rpc_remove_user", Map.of("name", "x")));
        assertEquals(-2, e.code());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ann", "ann viewer", "ann king " + KEPT, "ann viewer plain", "ann viewer " + KEPT + " more",
        "ann viewer pbkdf2-sha512$99999999$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "ann viewer " + KEPT + "\nann admin " + KEPT})
    void shouldRefuseAllAndTellLineWhenFileIsWrong(String text) throws Exception {
        write("# a comment\n\nbob viewer " + KEPT + "\n" + text + "\n");
        assertTrue(users.isEmpty());
        StorageException e = assertThrows(StorageException.class, () -> RpcCalls.call(users, "karst_rpc_get_users", Map.of()));
        assertTrue(e.getMessage().contains(path + ", line "), e.getMessage());
        assertFalse(e.getMessage().contains("AAAA"), e.getMessage());
    }

    @Test
    void shouldRefuseAllWhenOthersMayReadFile() throws Exception {
        write("bob viewer " + KEPT + "\n");
        assertFalse(users.isEmpty());
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw----r--"));
        assertTrue(users.isEmpty());
    }
}
