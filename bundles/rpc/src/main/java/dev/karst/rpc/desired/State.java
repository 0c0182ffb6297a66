package dev.karst.rpc.desired;

import dev.karst.base.StorageException;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcRegistry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** The things of a state, from calls that make it. Calls that change what others made are put together with those. */
final class State {
    private final RpcRegistry registry;
    /** By {@link Thing#id}, in an order in which the calls succeed. */
    private final SequencedMap<String, Thing> things = new LinkedHashMap<>();
    /** Methods that were called and leave nothing that lasts. */
    private final Set<String> without = new TreeSet<>();

    State(RpcRegistry registry) {
        this.registry = registry;
    }

    SequencedMap<String, Thing> things() {
        return things;
    }

    Set<String> without() {
        return without;
    }

    /**
     * Adds what a call does.
     *
     * @throws StorageException {@link RpcError#INVALID_PARAMS} when the same thing is there already, or a part of its key is
     *     left out; {@link RpcError#METHOD_NOT_FOUND}
     */
    void add(String subsystem, Call call) throws StorageException {
        RpcMethod method = registry.method(call.method()).orElseThrow(() -> RpcError.methodNotFound(call.method()));
        if (isFolded(call) || isMember(call)) {
            return;
        } else if (method.effect() == null) {
            without.add(method.name());
            return;
        }
        Thing thing = new Thing(subsystem, method, call.parameters());
        String id = thing.id();
        if (!thing.isSetting() && things.containsKey(id)) {
            throw RpcError.invalidParameters("Invalid parameters: " + method.name() + " " + thing.title() + " is there twice");
        }
        things.put(id, thing);
    }

    /** Leaves out settings that say what holds without them; of a part, what the whole says holds. */
    void forgetResting() throws StorageException {
        for (Map.Entry<String, Thing> entry : things.entrySet()) {
            Thing thing = entry.getValue();
            for (Setter setter : thing.isSetting() ? setters(thing.method().name()) : List.<Setter>of()) {
                Thing whole = target(setter, thing.parameters());
                if (whole != null) {
                    entry.setValue(thing.resting(Values.last(setter.path()), whole.orInitial(setter.path())));
                }
            }
        }
        things.values().removeIf(Thing::isAtRest);
    }

    /**
     * Whether the call does no more than change one parameter of a thing that is there; then that thing has the value at
     * once.
     */
    private boolean isFolded(Call call) throws StorageException {
        for (Setter setter : setters(call.method())) {
            Thing target = target(setter, call.parameters());
            Object value = call.parameters().get(Values.last(setter.path()));
            if (target != null && value != null && isAll(setter, call)) {
                things.put(target.id(), target.with(setter.path(), value));
                return true;
            }
        }
        return false;
    }

    /** Whether the call adds to a list of a thing that is there; then that thing has it at once. */
    private boolean isMember(Call call) throws StorageException {
        for (Setter setter : setters(effect -> effect.members().entrySet().stream()
            .filter(entry -> entry.getValue().add().equals(call.method())).map(Map.Entry::getKey).toList())) {
            Thing target = target(setter, call.parameters());
            if (target != null) {
                List<Object> all = new ArrayList<>(MemberChange.objects(target.parameters().get(setter.path())));
                all.addAll(added(setter, call.parameters()));
                things.put(target.id(), target.with(setter.path(), all));
                return true;
            }
        }
        return false;
    }

    /** The objects that a call adds to a list. */
    private static List<?> added(Setter setter, Map<String, Object> parameters) {
        if (parameters.get(setter.path()) instanceof List<?> list) {
            return list;
        }
        Map<String, Object> object = new LinkedHashMap<>(parameters);
        object.keySet().removeAll(setter.makes().effect().key());
        return List.of(object);
    }

    /**
     * A method that can change things.
     *
     * @param makes the method that makes them
     * @param path the parameter that is changed
     */
    private record Setter(RpcMethod makes, String path) {}

    private List<Setter> setters(String method) {
        return setters(effect -> effect.setters().entrySet().stream()
            .filter(entry -> entry.getValue().equals(method)).map(Map.Entry::getKey).toList());
    }

    private List<Setter> setters(Function<Effect, List<String>> paths) {
        List<Setter> setters = new ArrayList<>();
        for (RpcMethod makes : registry.methods()) {
            List<String> changed = makes.effect() == null ? List.of() : paths.apply(makes.effect());
            changed.forEach(path -> setters.add(new Setter(makes, path)));
        }
        return setters;
    }

    /** The thing that a call is about; null when it is not there. */
    private Thing target(Setter setter, Map<String, Object> parameters) throws StorageException {
        Thing like = new Thing("", setter.makes(), Map.of());
        for (String path : setter.makes().effect().key()) {
            Object at = Values.at(parameters, path);
            Object value = at == null ? Values.named(parameters, Values.last(path)) : at;
            like = value == null ? like : like.with(path, value);
        }
        return things.get(like.id());
    }

    /** Whether the call has nothing but the key and the value. */
    private static boolean isAll(Setter setter, Call call) {
        Set<String> meant = new TreeSet<>(Set.of(Values.last(setter.path())));
        for (String path : setter.makes().effect().key()) {
            meant.add(path.replaceFirst("\\..*", ""));
            meant.add(Values.last(path));
        }
        return meant.containsAll(call.parameters().keySet());
    }
}
