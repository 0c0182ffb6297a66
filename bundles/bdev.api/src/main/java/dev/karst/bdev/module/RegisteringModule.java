package dev.karst.bdev.module;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Base of a module whose devices are made and deleted by RPC methods: the plumbing between the two, once for all
 * modules. A subclass says in its constructor which methods create, and implements {@link RpcMethods#methods}.
 *
 * <p>Creating goes one way, whether a client calls or a parked device comes back: name and UUID are chosen and must be
 * free, the {@link Maker} checks what it was sent and makes the device, the block layer registers it with a record that
 * repeats the call. What the block layer refuses is destroyed again. Control threads.
 */
public abstract class RegisteringModule implements BdevModule, RpcMethods {
    /** The shell's scope of all block devices. */
    public static final String SCOPE = "bdev";

    /** The name of a device that is to be made. */
    protected static final RpcParameter NEW_NAME =
        RpcParameter.required("name", Type.STRING, "Name of the new block device");
    /** The name of a device that is there. */
    protected static final RpcParameter NAME =
        RpcParameter.required("name", Type.STRING, "Name of the block device").of(Kind.BDEV);
    protected static final RpcParameter NEW_UUID =
        RpcParameter.optional("uuid", Type.UUID, "UUID of the new block device").initially("a new one");

    /** As much as the block layer takes. */
    private static final int MAX_NAME_BYTES = 255;
    private static final System.Logger LOG = System.getLogger(RegisteringModule.class.getName());
    private static final UUID NO_UUID = new UUID(0, 0);

    /** Makes the device that a call asks for, or refuses; it registers nothing. */
    @FunctionalInterface
    protected interface Maker {
        ModuleBdev make(Creation creation) throws StorageException;
    }

    private final String name;
    private final String stem;
    private final Map<String, Maker> makers = new HashMap<>();
    private final Set<String> unrecorded = new HashSet<>();
    /** Names and UUIDs of devices that are being made and not yet registered. */
    private final Set<String> reserved = ConcurrentHashMap.newKeySet();
    private volatile BdevHost host;

    /**
     * @param name of the module, unique and stable
     * @param stem what a device is called, with a number behind it, when the call gives no name
     */
    protected RegisteringModule(String name, String stem) {
        this.name = name;
        this.stem = stem;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public void start(BdevHost host) {
        this.host = host;
    }

    @Override
    public void stop() {
        host = null;
    }

    @Override
    public final void restore(CreationRecord record) throws StorageException {
        make(new Creation(host(), record, new RpcCall(record.parameters(), percent -> {}, () -> false), true));
    }

    /**
     * The block layer.
     *
     * @throws StorageException EAGAIN while there is none
     */
    protected final BdevHost host() throws StorageException {
        BdevHost now = host;
        if (now == null) {
            throw StorageException.failure(Errno.EAGAIN, "the module " + name + " has no block layer; start the bundle bdev");
        }
        return now;
    }

    /** Describes a method that creates devices by {@code maker}; one named {@code …_create} is undone by {@code …_delete}. */
    protected final RpcMethod creates(String method, String command, String doc, Maker maker,
        RpcParameter... parameters) {
        makers.put(method, maker);
        return RpcMethod.named(method, SCOPE, command, doc).takes(parameters)
            .saved()
            .with(Effect.made(method.replaceFirst("_create$", "_delete"), "name").normalizedBy(this::normal))
            .does(call -> create(method, call));
    }

    /**
     * Keeps a parameter out of the records: it counts when a client creates, and not when a restart or the return of
     * the module repeats the creation.
     */
    protected final void onlyAtFirst(String parameter) {
        unrecorded.add(parameter);
    }

    /** Describes a method that deletes a device of this module by its name. */
    protected final RpcMethod deletes(String method, String command, String doc) {
        return RpcMethod.named(method, SCOPE, command, doc).takes(NAME).saved().does(call -> {
            String bdev = call.string("name");
            if (host().registry().find(bdev).isPresent() || !host().drop(bdev)) {
                host().unregister(bdev);
            }
            return true;
        });
    }

    /**
     * The name of a device that a creation stands on; null for none. While there is no such device, the creation is kept, and
     * done when the device comes.
     */
    protected String standsOn(RpcCall call) {
        return null;
    }

    @Override
    public void examineConfig(Bdev bdev) {
        BdevHost now = host;
        for (CreationRecord record : now == null ? List.<CreationRecord>of() : now.kept()) {
            String base = standsOn(call(record));
            boolean meant = bdev.name().equals(base) || bdev.aliases().contains(base)
                || bdev.uuid().toString().equalsIgnoreCase(base);
            if (meant) {
                createKept(now, record);
            }
        }
    }

    private static RpcCall call(CreationRecord record) {
        return new RpcCall(record.parameters(), percent -> {}, () -> false);
    }

    /** What cannot be made is kept until the device comes once more. */
    private void createKept(BdevHost host, CreationRecord record) {
        if (!host.drop(record.name())) {
            return;
        }
        try {
            create(record.method(), call(record));
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "{0}, which waited, cannot be made: {1}", record.name(), e.getMessage());
            keepAgain(host, record);
        }
    }

    private static void keepAgain(BdevHost host, CreationRecord record) {
        try {
            host.keep(record);
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "{0} is not kept: {1}", record.name(), e.getMessage());
        }
    }

    /** Whether the creation is left for later, since what it stands on is not there. */
    private boolean isKept(BdevHost host, String method, RpcCall call, String bdev) throws StorageException {
        String base = standsOn(call);
        if (base == null || host.registry().find(base).isPresent()) {
            return false;
        }
        refuseTaken(host, method, bdev);
        Map<String, Object> parameters = new LinkedHashMap<>(call.parameters());
        parameters.put("name", bdev);
        parameters.values().removeIf(Objects::isNull);
        var record = new CreationRecord(method, Collections.unmodifiableMap(parameters), bdev, null);
        host.keep(record);
        // If it came meanwhile, nobody else makes it; whoever drops the record first does.
        return host.registry().find(base).isEmpty() || !host.drop(bdev);
    }

    /** A UUID for a device whose creator gave none. A stacked module derives it from what it stands on. */
    protected UUID chooseUuid(BdevHost host, RpcCall call) throws StorageException {
        return host.environment().newUuid();
    }

    private String create(String method, RpcCall call) throws StorageException {
        BdevHost now = host();
        String bdev = call.string("name", "").isEmpty() ? freeName(now, method) : call.string("name");
        checkName(method, bdev);
        call.settle("name", bdev);
        unrecorded.forEach(parameter -> call.settle(parameter, null));
        if (isKept(now, method, call, bdev)) {
            return bdev;
        }
        reserve(method, bdev);
        try {
            refuseTaken(now, method, bdev);
            createNamed(now, method, call, bdev);
        } finally {
            reserved.remove(bdev);
        }
        return bdev;
    }

    /** Slashes are as good as any letter, but a name that climbs is a path in disguise. */
    private static void checkName(String method, String bdev) throws StorageException {
        boolean climbs = Arrays.asList(bdev.split("/", -1)).contains("..");
        int bytes = bdev.getBytes(StandardCharsets.UTF_8).length;
        if (climbs || bytes > MAX_NAME_BYTES) {
            throw RpcError.invalidParameters("Invalid parameters: " + method + ": name "
                + (climbs ? "has .. between slashes" : "has " + bytes + " bytes, and " + MAX_NAME_BYTES + " is the most"));
        }
    }

    /**
     * Reserves the UUID and only then looks whether it is taken: of two calls with one UUID, the later finds the
     * earlier's reservation or its device. A UUID that the module chooses is left to the block layer: what stands in
     * the maker's way says more than that it is taken.
     */
    private void createNamed(BdevHost host, String method, RpcCall call, String bdev) throws StorageException {
        boolean given = call.has("uuid") && !NO_UUID.equals(call.uuid("uuid"));
        UUID uuid = given ? call.uuid("uuid") : chooseUuid(host, call);
        call.settle("uuid", uuid.toString());
        reserve(method, uuid.toString());
        try {
            if (given) {
                refuseTaken(host, method, uuid.toString());
            }
            RpcCall meant = normal(call);
            make(new Creation(host, record(method, meant, bdev, uuid), meant, false));
        } finally {
            reserved.remove(uuid.toString());
        }
    }

    /** Parameters of a creation in one form, when it can be told in several that mean the same. */
    protected Map<String, Object> normal(Map<String, Object> sent) {
        return sent;
    }

    private RpcCall normal(RpcCall call) {
        Map<String, Object> normal = normal(call.parameters());
        normal.forEach((parameter, value) -> {
            if (!Objects.equals(value, call.parameters().get(parameter))) {
                call.settle(parameter, value);
            }
        });
        return new RpcCall(normal, call::progress, call::isCancelled);
    }

    /** The call again, with name and UUID. */
    private CreationRecord record(String method, RpcCall call, String bdev, UUID uuid) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("name", bdev);
        parameters.putAll(call.parameters());
        parameters.put("name", bdev);
        parameters.put("uuid", uuid.toString());
        parameters.values().removeIf(Objects::isNull);
        parameters.keySet().removeAll(unrecorded);
        return new CreationRecord(method, Collections.unmodifiableMap(parameters), bdev, uuid);
    }

    private void make(Creation creation) throws StorageException {
        Maker maker = makers.get(creation.record().method());
        if (maker == null) {
            throw creation.refused(Errno.EOPNOTSUPP, "this version of the module " + name
                + " does not know the method");
        }
        ModuleBdev bdev = maker.make(creation);
        boolean registered = false;
        try {
            creation.host().register(bdev, creation.record());
            registered = true;
        } finally {
            if (!registered) {
                bdev.destroy(creation.restored());
            }
        }
    }

    private String freeName(BdevHost host, String method) throws StorageException {
        if (stem == null) {
            throw StorageException.failure(Errno.EINVAL, method + ": name is empty; give the device a name");
        }
        int number = 0;
        while (host.registry().find(stem + number).isPresent() || reserved.contains(stem + number)) {
            number++;
        }
        return stem + number;
    }

    private static void refuseTaken(BdevHost host, String method, String key) throws StorageException {
        if (host.registry().find(key).isPresent()) {
            throw taken(method, key);
        }
    }

    private void reserve(String method, String key) throws StorageException {
        if (!reserved.add(key)) {
            throw taken(method, key);
        }
    }

    private static StorageException taken(String method, String key) {
        return StorageException.failure(
            Errno.EEXIST, method + ": there is a block device " + key
                + " already; delete it or choose another name or UUID");
    }
}
