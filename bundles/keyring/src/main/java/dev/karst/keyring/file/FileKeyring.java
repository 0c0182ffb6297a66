package dev.karst.keyring.file;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.Files;
import dev.karst.keyring.Keyring;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Keys in files: what is kept is a name and a path. Any control thread. */
@Component(immediate = true, service = {Keyring.class, RpcMethods.class, ConfigSource.class})
public final class FileKeyring implements Keyring, RpcMethods, ConfigSource {
    private static final int MOST_KEYS = 4096;
    private static final String SCOPE = "keyring";
    private static final RpcParameter NAME = RpcParameter.required("name", Type.STRING, "Its name");

    private final Files files;
    private final Map<String, KeyFile> keys = new LinkedHashMap<>();

    /** A keyring without keys; also for Declarative Services. */
    @Activate
    public FileKeyring(@Reference Environment environment) {
        this.files = environment.files();
    }

    @Override
    public byte[] read(String name) throws StorageException {
        KeyFile file;
        synchronized (keys) {
            file = keys.get(name);
        }
        if (file == null) {
            throw noKey(name);
        }
        return file.read(files);
    }

    @Override
    public boolean has(String name) {
        synchronized (keys) {
            return keys.containsKey(name);
        }
    }

    @Override
    public List<RpcMethod> methods() {
        return List.of(
            RpcMethod.named("keyring_file_add_key", SCOPE, "add", "Gives the key in a file a name")
                .takes(NAME, RpcParameter.required("path", Type.STRING, "The file: absolute, of mode 0600").of(Kind.FILE))
                .saved()
                .with(Effect.made("keyring_file_remove_key", "name"))
                .does(this::add),
            RpcMethod.named("keyring_file_remove_key", SCOPE, "remove", "Forgets a key; its file stays")
                .takes(NAME)
                .saved()
                .does(this::remove),
            RpcMethod.named("keyring_get_keys", SCOPE, "list", "Lists keys, without what they hold")
                .shows("NAME", "name").shows("MODULE", "module").shows("PATH", "path")
                .readOnly()
                .does(_ -> list()));
    }

    private Object add(RpcCall call) throws StorageException {
        String name = call.string("name");
        KeyFile file = new KeyFile(path(call.string("path")));
        synchronized (keys) {
            if (name.isEmpty() || keys.size() >= MOST_KEYS) {
                throw StorageException.errno(name.isEmpty() ? Errno.EINVAL : Errno.ENOSPC,
                    name.isEmpty() ? "Invalid argument: a key needs a name" : "there are " + MOST_KEYS + " keys, the most");
            }
            if (keys.containsKey(name)) {
                throw StorageException.errno(Errno.EEXIST, Errno.text(Errno.EEXIST) + ": there is a key " + name);
            }
            file.check(files);
            keys.put(name, file);
        }
        return true;
    }

    private static Path path(String text) throws StorageException {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw RpcError.invalidParameters("Invalid parameters: path is no path");
        }
    }

    private Object remove(RpcCall call) throws StorageException {
        synchronized (keys) {
            if (keys.remove(call.string("name")) == null) {
                throw noKey(call.string("name"));
            }
        }
        return true;
    }

    private static StorageException noKey(String name) {
        return StorageException.errno(Errno.ENOKEY, Errno.text(Errno.ENOKEY) + ": there is no key " + name);
    }

    private Object list() {
        synchronized (keys) {
            return keys.entrySet().stream().map(key -> json(key.getKey(), key.getValue())).toList();
        }
    }

    private static Map<String, Object> json(String name, KeyFile file) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", name);
        json.put("module", "keyring_file");
        json.put("removed", false);
        json.put("probed", false);
        json.put("refcnt", 1L);
        json.put("path", file.path().toString());
        return json;
    }

    @Override
    public String subsystem() {
        return "keyring";
    }

    @Override
    public List<String> after() {
        return List.of();
    }

    @Override
    public List<Call> calls() {
        synchronized (keys) {
            return keys.entrySet().stream().map(key -> new Call("keyring_file_add_key", call(key.getKey(), key.getValue())))
                .toList();
        }
    }

    private static Map<String, Object> call(String name, KeyFile file) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("name", name);
        parameters.put("path", file.path().toString());
        return parameters;
    }
}
