package dev.karst.rpc.desired;

import dev.karst.base.StorageException;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Something that a call of a state makes or sets.
 *
 * @param subsystem that the call stands under
 * @param method that makes it; it has an effect
 * @param parameters of the call
 * @param rest of a setting, what holds without it
 */
record Thing(String subsystem, RpcMethod method, Map<String, Object> parameters, Map<String, Object> rest) {
    Thing(String subsystem, RpcMethod method, Map<String, Object> parameters) {
        this(subsystem, method, method.effect().normal().apply(parameters), method.effect().rest());
    }

    Effect effect() {
        return method.effect();
    }

    /** Whether it is a setting: nothing is made, and the method itself sets it back. */
    boolean isSetting() {
        return method.name().equals(effect().undo());
    }

    /**
     * The same for two calls that are about one thing.
     *
     * @throws StorageException {@link RpcError#INVALID_PARAMS} when a part of the key is left out and has no default
     */
    String id() throws StorageException {
        StringBuilder id = new StringBuilder(effect().undo() == null ? method.name() : effect().undo());
        for (String path : effect().key()) {
            Object value = keyed(path);
            if (value == null) {
                throw RpcError.invalidParameters(
                    "Invalid parameters: " + method.name() + ": " + path + " is left out; a state must say it");
            }
            id.append('\n').append(value);
        }
        return id.toString();
    }

    /** A part of the key, its default when it is left out. */
    private Object keyed(String path) {
        return Values.canonical(Values.parameter(method.parameters(), path), orInitial(path));
    }

    /** How a person would call it. */
    String title() {
        return effect().key().stream().map(this::keyed).filter(Objects::nonNull).map(String::valueOf)
            .collect(Collectors.joining(" "));
    }

    /** Key parts by their last names. */
    Map<String, Object> keys() {
        Map<String, Object> keys = new LinkedHashMap<>();
        effect().key().forEach(path -> keys.put(Values.last(path), keyed(path)));
        return keys;
    }

    /**
     * The parameters in which another state of the same thing differs: paths. Left out there means the default or, when it
     * has none, that it may stay as it is.
     */
    List<String> differences(Thing wanted) {
        List<String> paths = new ArrayList<>();
        compare(method.parameters(), parameters, wanted.parameters, "", paths);
        paths.removeAll(effect().key());
        return paths;
    }

    private void compare(List<RpcParameter> fields, Map<?, ?> here, Map<?, ?> there, String above, List<String> paths) {
        for (RpcParameter field : fields) {
            Object have = here.get(field.name());
            Object want = there.get(field.name());
            String path = above + field.name();
            if (!field.fields().isEmpty() && have instanceof Map<?, ?> inner && want instanceof Map<?, ?> wanted) {
                compare(field.fields(), inner, wanted, path + ".", paths);
            } else if (effect().members().containsKey(path) && want != null) {
                if (!MemberChange.between(field, have, want, _ -> false).isNone()) {
                    paths.add(path);
                }
            } else if (field.saved() && isDifferent(field, have, want)) {
                paths.add(path);
            }
        }
    }

    /** How a list of it becomes that of another state of it; some of its objects cannot stay. */
    MemberChange memberChange(String list, Thing wanted, Predicate<Map<?, ?>> goes) {
        return MemberChange.between(Values.parameter(method.parameters(), list), parameters.get(list), wanted.parameters.get(list), goes);
    }

    /** What a method takes that adds or removes an object of a list. */
    Map<String, Object> memberParameters(RpcMethod other, String list, Map<?, ?> object) {
        Map<String, Object> given = taken(other, List.of());
        for (RpcParameter parameter : other.parameters()) {
            Object value = parameter.name().equals(list) ? List.of(object) : object.get(parameter.name());
            if (value != null) {
                given.put(parameter.name(), value);
            }
        }
        return given;
    }

    private boolean isDifferent(RpcParameter field, Object have, Object want) {
        Object wanted = want == null ? initial(field) : want;
        Object had = have == null ? initial(field) : have;
        return wanted != null && !Objects.equals(Values.canonical(field, had), Values.canonical(field, wanted));
    }

    private Object initial(RpcParameter field) {
        return rest.containsKey(field.name()) ? rest.get(field.name()) : Values.initial(field);
    }

    /** Whether it is set to what holds without it. */
    boolean isAtRest() {
        return isSetting() && new Thing(subsystem, method, undoParameters(method), rest).differences(this).isEmpty();
    }

    /** The same with another value of a parameter. */
    Thing with(String path, Object value) {
        return new Thing(subsystem, method, replaced(parameters, List.of(path.split("\\.")), value), rest);
    }

    /** A setting with something else that holds without it. */
    Thing resting(String name, Object value) {
        Map<String, Object> other = new LinkedHashMap<>(rest);
        other.put(name, value);
        return new Thing(subsystem, method, parameters, other);
    }

    private static Map<String, Object> replaced(Map<?, ?> object, List<String> path, Object value) {
        SequencedMap<String, Object> copy = new LinkedHashMap<>();
        object.forEach((name, member) -> copy.put((String) name, member));
        boolean here = path.size() == 1;
        Map<?, ?> inner = copy.get(path.getFirst()) instanceof Map<?, ?> map ? map : Map.of();
        copy.put(path.getFirst(), here ? value : replaced(inner, path.subList(1, path.size()), value));
        return copy;
    }

    /** What the method that undoes takes: what it must be given and what is part of the key, by name, and the rest. */
    Map<String, Object> undoParameters(RpcMethod undo) {
        Map<String, Object> given = taken(undo, List.copyOf(keys().keySet()));
        given.putAll(rest);
        return given;
    }

    /** What a setter takes. */
    Map<String, Object> setterParameters(RpcMethod setter, String path) {
        Map<String, Object> given = taken(setter, List.of());
        given.put(Values.last(path), orInitial(path));
        return given;
    }

    /** What lies at a path, or its default. */
    Object orInitial(String path) {
        Object value = Values.at(parameters, path);
        return value == null ? Values.initial(Values.parameter(method.parameters(), path)) : value;
    }

    /** A setting, all of it. */
    Map<String, Object> settingParameters() {
        Map<String, Object> given = new LinkedHashMap<>(parameters);
        new TreeMap<>(rest).forEach(given::putIfAbsent);
        return given;
    }

    private Map<String, Object> taken(RpcMethod other, List<String> optional) {
        Map<String, Object> given = new LinkedHashMap<>();
        for (RpcParameter parameter : other.parameters()) {
            Object value = Values.named(parameters, parameter.name());
            if (value != null && (parameter.required() || optional.contains(parameter.name()))) {
                given.put(parameter.name(), value);
            }
        }
        return given;
    }
}
