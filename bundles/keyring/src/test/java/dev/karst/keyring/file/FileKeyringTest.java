package dev.karst.keyring.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcMethod;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys in files. */
class FileKeyringTest {
    private static final String SECRET = "NVMeTLSkey-1:01:none";

    @TempDir
    private Path folder;
    private LinuxEnvironment environment;
    private FileKeyring keyring;
    private Path file;

    @BeforeEach
    void setUp() throws Exception {
        environment = new LinuxEnvironment();
        keyring = new FileKeyring(environment);
        file = folder.resolve("key0");
        Files.writeString(file, SECRET);
        mode("rw-------");
    }

    @AfterEach
    void tearDown() {
        environment.close();
    }

    private void mode(String permissions) throws Exception {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    private Object call(String name, Map<String, Object> parameters) throws StorageException {
        RpcMethod found = keyring.methods().stream().filter(method -> method.name().equals(name)).findFirst().orElseThrow();
        return found.handler().call(RpcChecks.check(found, parameters));
    }

    private Object add(String name, String path) throws StorageException {
        return call("keyring_file_add_key", Map.of("name", name, "path", path));
    }

    private static void refused(int errno, org.junit.jupiter.api.function.Executable call) {
        var refusal = assertThrows(StorageException.class, call);
        assertEquals(-errno, refusal.code());
        assertFalse(refusal.getMessage().contains(SECRET));
    }

    @Test
    void shouldReadWhatTheFileHoldsWhenAKeyIsAskedFor() throws Exception {
        assertEquals(true, add("k0", file.toString()));
        assertArrayEquals(SECRET.getBytes(StandardCharsets.UTF_8), keyring.read("k0"));
        Files.writeString(file, "another");
        assertArrayEquals("another".getBytes(StandardCharsets.UTF_8), keyring.read("k0"));
    }

    @Test
    void shouldRefuseAFileWhenOthersMayReadIt() throws Exception {
        mode("rw-r-----");
        refused(Errno.EPERM, () -> add("k0", file.toString()));
        mode("rw-------");
        add("k0", file.toString());
        mode("rw----r--");
        refused(Errno.EPERM, () -> keyring.read("k0"));
    }

    @Test
    void shouldRefuseWhatCannotBeAKeyWhenItIsAdded() throws Exception {
        refused(Errno.EPERM, () -> add("k0", "key0"));
        refused(Errno.ENOENT, () -> add("k0", folder.resolve("none").toString()));
        refused(Errno.EINVAL, () -> add("", file.toString()));
        add("k0", file.toString());
        refused(Errno.EEXIST, () -> add("k0", file.toString()));
    }

    @Test
    void shouldShowNamesAndNeverContentsWhenListed() throws Exception {
        add("k0", file.toString());
        List<?> listed = (List<?>) call("keyring_get_keys", Map.of());
        assertEquals("{name=k0, module=keyring_file, removed=false, probed=false, refcnt=1, path=" + file + "}",
            listed.getFirst().toString());
        assertEquals(Map.of("name", "k0", "path", file.toString()), keyring.calls().getFirst().parameters());
    }

    @Test
    void shouldForgetAKeyWhenItIsRemoved() throws Exception {
        add("k0", file.toString());
        call("keyring_file_remove_key", Map.of("name", "k0"));
        assertFalse(keyring.has("k0"));
        refused(Errno.ENOKEY, () -> keyring.read("k0"));
        refused(Errno.ENOKEY, () -> call("keyring_file_remove_key", Map.of("name", "k0")));
    }
}
