package dev.karst.rpc.desired;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcCaller;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import dev.karst.rpc.RpcRegistry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Layers, one above the other: disks of two kinds with limits, groups that have members on disks, and nodes. */
final class FakeLayers implements RpcRegistry {
    final List<String> called = new ArrayList<>();
    /** How many calls succeed before all fail. */
    int left = Integer.MAX_VALUE;

    private final SequencedMap<String, Call> disks = new LinkedHashMap<>();
    private final SequencedMap<String, Map<String, Object>> limits = new LinkedHashMap<>();
    private final SequencedMap<String, Map<String, Object>> groups = new LinkedHashMap<>();
    private final SequencedMap<String, Map<String, Object>> members = new LinkedHashMap<>();
    private final SequencedMap<String, String> words = new LinkedHashMap<>();
    private final FakeNodes nodes = new FakeNodes(disks::containsKey, groups::containsKey);
    private final Map<String, RpcMethod> methods = new TreeMap<>();

    private record Call(String method, Map<String, Object> parameters) {}

    FakeLayers() {
        RpcParameter disk = RpcParameter.required("name", Type.STRING, "The disk").of(Kind.BDEV);
        RpcParameter group = RpcParameter.required("group", Type.STRING, "The group").of(Kind.SUBSYSTEM);
        RpcParameter number = RpcParameter.required("number", Type.U32, "The number");
        addDisks("ram", disk);
        addDisks("file", disk);
        add(RpcMethod.named("disk_limit", "disk", "limit", "Limits")
            .takes(disk, RpcParameter.optional("reads", Type.U64, "Reads").initially("as it is"),
                RpcParameter.optional("writes", Type.U64, "Writes").initially("as it is"))
            .with(Effect.set("disk_limit", Map.of("reads", 0L, "writes", 0L), "name"))
            .does(call -> limit(call.parameters())));
        add(RpcMethod.named("group_create", "group", "create", "Makes a group")
            .takes(group, RpcParameter.optional("open", Type.BOOLEAN, "Open").initially("false"),
                RpcParameter.optional("serial", Type.STRING, "Serial").initially("0"),
                RpcParameter.optional("key", Type.STRING, "Its key").hidden(),
                RpcParameter.optional("comment", Type.STRING, "Not kept").passing())
            .with(Effect.made("group_delete", "group").changedBy("group_open", "open"))
            .does(call -> put(groups, call.string("group"), call.parameters())));
        add(RpcMethod.named("group_delete", "group", "delete", "Deletes").takes(group).does(call -> dropGroup(call.string("group"))));
        add(RpcMethod.named("group_open", "group", "open", "Opens")
            .takes(group, RpcParameter.required("open", Type.BOOLEAN, "Open"))
            .does(call -> change(groups.get(call.string("group")), "open", call.parameters().get("open"))));
        add(RpcMethod.named("member_add", "group", "member-add", "Adds a member")
            .takes(group, RpcParameter.required("member", Type.OBJECT, "The member").holding(
                RpcParameter.optional("number", Type.U32, "The number"),
                RpcParameter.required("disk", Type.STRING, "Its disk").of(Kind.BDEV),
                RpcParameter.optional("uuid", Type.UUID, "Its UUID")))
            .with(Effect.made("member_remove", "group", "member.number"))
            .does(call -> addMember(call.string("group"), call.object("member").parameters())));
        add(RpcMethod.named("member_remove", "group", "member-remove", "Removes").takes(group, number)
            .does(call -> dropMember(call.string("group") + " " + call.number("number"))));
        add(RpcMethod.named("word_set", "group", "word", "Sets a word")
            .takes(group, number, RpcParameter.required("word", Type.STRING, "The word"))
            .with(Effect.set("word_set", Map.of("word", ""), "group", "number").normalizedBy(FakeLayers::inSmallLetters))
            .does(call -> setWord(call.string("group") + " " + call.number("number"), call.string("word"))));
        add(RpcMethod.named("group_wait", "group", "wait", "Waits").does(call -> true));
        nodes.methods().forEach(this::add);
        new DesiredMethods(this).methods().forEach(this::add);
    }

    private void addDisks(String type, RpcParameter disk) {
        String create = type + "_create";
        add(RpcMethod.named(create, "disk", type + "-create", "Makes a disk")
            .takes(RpcParameter.required("name", Type.STRING, "The disk"), RpcParameter.required("size", Type.U64, "The size"),
                RpcParameter.optional("uuid", Type.UUID, "The UUID").initially("a new one"),
                RpcParameter.optional("readonly", Type.BOOLEAN, "Read only").initially("false"))
            .with(Effect.made(type + "_delete", "name"))
            .does(call -> put(disks, call.string("name"), new Call(create, call.parameters()))));
        add(RpcMethod.named(type + "_delete", "disk", type + "-delete", "Deletes").takes(disk).does(call -> dropDisk(call.string("name"), create)));
    }

    private void add(RpcMethod method) {
        methods.put(method.name(), method);
    }

    /** A word means the same in capitals. */
    private static Map<String, Object> inSmallLetters(Map<String, Object> parameters) {
        Map<String, Object> same = new LinkedHashMap<>(parameters);
        same.computeIfPresent("word", (name, word) -> String.valueOf(word).toLowerCase(Locale.ROOT));
        return same;
    }

    private static <T> Object put(Map<String, T> map, String name, T value) throws StorageException {
        if (map.putIfAbsent(name, value) != null) {
            throw StorageException.errno(Errno.EEXIST, name + ": File exists");
        }
        return true;
    }

    private static Object drop(Map<String, ?> map, String name) throws StorageException {
        if (map.remove(name) == null) {
            throw StorageException.errno(Errno.ENOENT, name + ": No such file or directory");
        }
        return true;
    }

    /** A disk takes its limit and its members with it. */
    private Object dropDisk(String name, String create) throws StorageException {
        if (!disks.containsKey(name) || !disks.get(name).method().equals(create)) {
            throw StorageException.errno(Errno.ENODEV, name + ": No such device");
        }
        limits.remove(name);
        nodes.gone(name);
        List<String> on = members.entrySet().stream().filter(member -> name.equals(member.getValue().get("disk"))).map(Map.Entry::getKey).toList();
        on.forEach(members::remove);
        on.forEach(words::remove);
        return drop(disks, name);
    }

    private Object dropMember(String name) throws StorageException {
        words.remove(name);
        return drop(members, name);
    }

    private Object dropGroup(String name) throws StorageException {
        nodes.gone(name);
        members.keySet().removeIf(member -> member.startsWith(name + " "));
        words.keySet().removeIf(member -> member.startsWith(name + " "));
        return drop(groups, name);
    }

    private static Object change(Map<String, Object> object, String name, Object value) throws StorageException {
        if (object == null) {
            throw StorageException.errno(Errno.ENODEV, "No such device");
        }
        object.put(name, value);
        return true;
    }

    private Object limit(Map<String, Object> parameters) throws StorageException {
        if (!disks.containsKey(parameters.get("name"))) {
            throw StorageException.errno(Errno.ENODEV, "No such device");
        }
        Map<String, Object> limit = limits.computeIfAbsent((String) parameters.get("name"), name -> new LinkedHashMap<>());
        limit.putAll(parameters);
        limit.values().removeIf(value -> value.equals(0L));
        if (limit.size() == 1) {
            limits.remove(parameters.get("name"));
        }
        return true;
    }

    private Object addMember(String group, Map<String, Object> member) throws StorageException {
        if (!groups.containsKey(group) || !disks.containsKey(member.get("disk"))) {
            throw StorageException.errno(Errno.ENODEV, "No such device");
        }
        return put(members, group + " " + member.get("number"), member);
    }

    private Object setWord(String member, String word) throws StorageException {
        if (!members.containsKey(member)) {
            throw StorageException.errno(Errno.ENODEV, "No such device");
        }
        return word.isEmpty() ? words.remove(member) != null : words.put(member, word) == null;
    }

    @Override
    public List<RpcMethod> methods() {
        return List.copyOf(methods.values());
    }

    @Override
    public Optional<RpcMethod> method(String name) {
        return Optional.ofNullable(methods.get(name));
    }

    @Override
    public Object call(String name, Map<String, Object> parameters) throws StorageException {
        return call(name, parameters, RpcCaller.PATIENT);
    }

    @Override
    public Object call(String name, Map<String, Object> parameters, RpcCaller caller) throws StorageException {
        RpcMethod method = method(name).orElseThrow(() -> RpcError.methodNotFound(name));
        boolean own = name.startsWith("karst_");
        if (!own && left-- <= 0) {
            throw StorageException.errno(Errno.EIO, "cut");
        }
        RpcCall call = new RpcCall(copy(RpcChecks.check(method, parameters).parameters()), caller::progress, caller::isGone);
        Object result = method.handler().call(call);
        if (!own) {
            called.add(name + " " + String.join(" ", new TreeMap<>(parameters).values().stream().map(String::valueOf).toList()));
        }
        return result;
    }

    @Override
    public Object replay(String name, Map<String, Object> parameters) throws StorageException {
        return call(name, parameters);
    }

    /** What is kept is changed; what was declared is not. */
    private static Map<String, Object> copy(Map<String, Object> parameters) {
        return new LinkedHashMap<>(parameters);
    }

    @Override
    public List<ConfigSource> configSources() {
        return List.of(source("disks", diskCalls()), source("groups", groupCalls()), source("nodes", nodes.calls()));
    }

    private List<ConfigSource.Call> diskCalls() {
        return Stream.concat(
            disks.values().stream().map(disk -> new ConfigSource.Call(disk.method(), disk.parameters())),
            limits.values().stream().map(limit -> new ConfigSource.Call("disk_limit", limit))).toList();
    }

    private List<ConfigSource.Call> groupCalls() {
        List<ConfigSource.Call> calls = new ArrayList<>();
        groups.values().forEach(group -> calls.add(new ConfigSource.Call("group_create", group)));
        members.forEach((name, member) -> calls.add(
            new ConfigSource.Call("member_add", Map.of("group", name.substring(0, name.indexOf(' ')), "member", member))));
        words.forEach((name, word) -> calls.add(new ConfigSource.Call("word_set", Map.of(
            "group", name.substring(0, name.indexOf(' ')), "number", Long.valueOf(name.substring(name.indexOf(' ') + 1)), "word", word))));
        return calls;
    }

    private static ConfigSource source(String subsystem, List<ConfigSource.Call> calls) {
        return new ConfigSource() {
            @Override
            public String subsystem() {
                return subsystem;
            }

            @Override
            public List<String> after() {
                return List.of();
            }

            @Override
            public List<ConfigSource.Call> calls() {
                return calls;
            }
        };
    }

    @Override
    public Watch watch(Runnable listener) {
        return () -> {};
    }
}
