package dev.karst.rpc.http;

import dev.karst.base.DataFolder;
import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethod.Role;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import dev.karst.rpc.RpcUser;
import dev.karst.rpc.core.JsonRpcServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Who may call by HTTP, and the methods that say so. Any control thread. */
@Component(service = {HttpUsers.class, RpcMethods.class}, configurationPid = "dev.karst.rpc")
public final class HttpUsers implements RpcMethods {
    private static final System.Logger LOG = System.getLogger(HttpUsers.class.getName());
    private static final String SCOPE = "rpc";
    private static final int MIN_PASSWORD = 8;
    private static final int MAX_PASSWORD = 256;
    /** What an unknown user is held against, so that the time does not tell which names there are. */
    private static final String NOBODY =
        "pbkdf2-sha512$210000$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    private static final String MAC = "HmacSHA256";
    private static final RpcParameter NAME = RpcParameter.required("name", Type.STRING, "The user's name");

    private final UserFile file;
    /** Of passwords that were right, under a key of this process: clients send theirs with each request. */
    private final Map<String, byte[]> proven = new ConcurrentHashMap<>();
    private final byte[] key = new byte[32];
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    @Activate
    public HttpUsers(JsonRpcServer.Settings settings) {
        this(DataFolder.resolve(settings.http_users()));
    }

    /** The users in a file. */
    public HttpUsers(Path path) {
        this.file = new UserFile(path);
        new SecureRandom().nextBytes(key);
    }

    /** Whether there is one at all; a file that cannot be used is told to the log. */
    boolean isEmpty() {
        return read().isEmpty();
    }

    /** Runs something after each change, until the result is run. */
    Runnable watch(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** The user of that name, if the password is his. */
    Optional<RpcUser> user(String name, String password) {
        UserFile.User user = read().get(name);
        if (isRight(name, password, user == null ? NOBODY : user.kept()) && user != null) {
            return Optional.of(new RpcUser(name, "HTTP", user.role()));
        }
        return Optional.empty();
    }

    private boolean isRight(String name, String password, String kept) {
        byte[] mac = mac(kept + " " + password);
        byte[] known = proven.get(name);
        if (known != null && MessageDigest.isEqual(known, mac)) {
            return true;
        }
        boolean right = guess(password, kept);
        if (right) {
            proven.put(name, mac);
        }
        return right;
    }

    /** One at a time: who guesses gets no more than a part of one processor. */
    private synchronized boolean guess(String password, String kept) {
        return Password.matches(password, kept);
    }

    private byte[] mac(String text) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(key, MAC));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private SequencedMap<String, UserFile.User> read() {
        try {
            return file.read();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.ERROR, "rpc: no user may call by HTTP: " + e.getMessage());
            return new LinkedHashMap<>();
        }
    }

    @Override
    public List<RpcMethod> methods() {
        return List.of(getUsers(), setUser(), removeUser());
    }

    private RpcMethod getUsers() {
        return RpcMethod.named("karst_rpc_get_users", SCOPE, "user-list", "Lists who may call by HTTP")
            .shows("NAME", "name")
            .shows("ROLE", "role")
            .by(Role.ADMIN)
            .does(call -> change(false, users -> users.entrySet().stream().map(HttpUsers::json).toList()));
    }

    private static Map<String, Object> json(Map.Entry<String, UserFile.User> user) {
        SequencedMap<String, Object> json = new LinkedHashMap<>();
        json.put("name", user.getKey());
        json.put("role", UserFile.roleWord(user.getValue().role()));
        return json;
    }

    private RpcMethod setUser() {
        return RpcMethod.named("karst_rpc_set_user", SCOPE, "user-set", "Adds a user of HTTP, or changes one")
            .takes(NAME,
                RpcParameter.required("role", Type.STRING, "What the user may do").oneOf("viewer", "operator", "admin"),
                RpcParameter.required("password", Type.STRING, "The user's password").hidden())
            .by(Role.ADMIN)
            .does(this::set);
    }

    private Object set(RpcCall call) throws StorageException {
        String name = call.string("name");
        String password = call.string("password");
        if (!UserFile.isName(name)) {
            throw RpcError.invalidParameters(
                "Invalid parameters: name must be 1 to 64 letters, digits, dots, hyphens or underscores");
        } else if (password.length() < MIN_PASSWORD || password.length() > MAX_PASSWORD) {
            throw RpcError.invalidParameters(
                "Invalid parameters: password must have " + MIN_PASSWORD + " to " + MAX_PASSWORD + " characters");
        }
        Role role = Role.valueOf(call.string("role").toUpperCase(Locale.ROOT));
        return change(true, users -> {
            users.put(name, new UserFile.User(role, Password.keep(password)));
            return true;
        });
    }

    private RpcMethod removeUser() {
        return RpcMethod.named("karst_rpc_remove_user", SCOPE, "user-remove", "Takes a user of HTTP away")
            .takes(NAME)
            .by(Role.ADMIN)
            .does(call -> change(true, users -> {
                if (users.remove(call.string("name")) == null) {
                    throw StorageException.errno(Errno.ENOENT, "there is no user " + call.string("name"));
                }
                return true;
            }));
    }

    /** What is done with the users in the file. */
    @FunctionalInterface
    private interface Step {
        Object on(SequencedMap<String, UserFile.User> users) throws StorageException;
    }

    private Object change(boolean writes, Step step) throws StorageException {
        Object result;
        synchronized (file) {
            try {
                SequencedMap<String, UserFile.User> users = file.read();
                result = step.on(users);
                if (writes) {
                    file.write(users);
                }
            } catch (IOException e) {
                throw new StorageException(-Errno.EIO, e.getMessage(), e);
            }
        }
        if (writes) {
            proven.clear();
            listeners.forEach(Runnable::run);
        }
        return result;
    }
}
