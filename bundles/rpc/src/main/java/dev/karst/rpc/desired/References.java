package dev.karst.rpc.desired;

import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcRegistry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which things need which. A thing needs another when its call has all of the other's key, under the same names, or when a
 * parameter that names a thing of some kind names it.
 */
final class References {
    private static final String UUID = "uuid";

    private final RpcRegistry registry;
    /** The names of keys that there are. */
    private final Set<Set<String>> shapes = new LinkedHashSet<>();
    private final Map<Map<String, Object>, String> byKey = new HashMap<>();
    private final Map<Named, String> byName = new HashMap<>();

    /** A thing of a kind, by its name or UUID. */
    private record Named(Kind kind, Object name) {}

    References(RpcRegistry registry, Map<String, Thing> things) {
        this.registry = registry;
        things.forEach(this::add);
    }

    private void add(String id, Thing thing) {
        Map<String, Object> keys = thing.keys();
        if (!thing.isSetting() && !keys.isEmpty()) {
            shapes.add(new TreeSet<>(keys.keySet()));
            byKey.put(keys, id);
            Kind kind = kind(thing, keys);
            if (kind != Kind.VALUE) {
                byName.put(new Named(kind, keys.values().iterator().next()), id);
                byName.put(new Named(kind, thing.parameters().get(UUID)), id);
            }
        }
    }

    /** What a thing is, if one name tells it: what the method that takes it away says of that name. */
    private Kind kind(Thing thing, Map<String, Object> keys) {
        String undo = thing.effect().undo();
        RpcMethod method = undo == null || keys.size() != 1 ? null : registry.method(undo).orElse(null);
        RpcParameter parameter = method == null ? null : Values.parameter(method.parameters(), keys.keySet().iterator().next());
        return parameter == null ? Kind.VALUE : parameter.kind();
    }

    /** The ids of what a thing needs. */
    Set<String> of(Thing thing) {
        Set<String> needed = ofWhole(thing);
        thing.effect().members().keySet().forEach(list ->
            MemberChange.objects(thing.parameters().get(list)).forEach(object -> needed.addAll(ofMember(thing, list, object))));
        return needed;
    }

    /** The ids of what an object of a list of a thing needs, one that can be taken away while the thing is in use. */
    Set<String> ofMember(Thing thing, String list, Map<?, ?> object) {
        Set<String> needed = new LinkedHashSet<>();
        collect(Values.parameter(thing.method().parameters(), list).fields(), object, new HashMap<>(), needed);
        needed.removeIf(Objects::isNull);
        return needed;
    }

    /** The ids of what a thing needs in any case, whatever can be taken away while it is in use. */
    Set<String> ofWhole(Thing thing) {
        Map<String, Object> flat = new HashMap<>();
        Set<String> needed = new LinkedHashSet<>();
        List<RpcParameter> fixed = thing.method().parameters().stream()
            .filter(field -> !thing.effect().members().containsKey(field.name())).toList();
        collect(fixed, thing.parameters(), flat, needed);
        for (Set<String> shape : shapes) {
            Map<String, Object> key = new HashMap<>();
            shape.stream().filter(flat::containsKey).forEach(name -> key.put(name, flat.get(name)));
            needed.add(byKey.get(key));
        }
        needed.removeIf(Objects::isNull);
        return needed;
    }

    /** All values by their names, with defaults, and what those name that name a thing. */
    private void collect(List<RpcParameter> fields, Map<?, ?> values, Map<String, Object> flat, Set<String> needed) {
        for (RpcParameter field : fields) {
            Object value = values.get(field.name());
            if (value instanceof Map<?, ?> inner) {
                collect(field.fields(), inner, flat, needed);
            } else if (!field.fields().isEmpty()) {
                MemberChange.objects(value).forEach(object -> collect(field.fields(), object, new HashMap<>(), needed));
            } else {
                Object canonical = Values.canonical(field, value == null ? Values.initial(field) : value);
                if (canonical != null) {
                    flat.putIfAbsent(field.name(), canonical);
                }
                names(value).forEach(name -> needed.add(byName.get(new Named(field.kind(), name))));
            }
        }
    }

    private static Collection<?> names(Object value) {
        return value instanceof List<?> list ? list : value == null ? List.of() : List.of(value);
    }

    /** The things in an order in which each comes after those it needs, else as they came; a circle is cut where it closes. */
    List<String> sorted(Map<String, Thing> things) {
        Set<String> sorted = new LinkedHashSet<>();
        Set<String> visited = new LinkedHashSet<>();
        things.keySet().forEach(id -> visit(id, things, visited, sorted));
        return new ArrayList<>(sorted);
    }

    private void visit(String id, Map<String, Thing> things, Set<String> visited, Set<String> sorted) {
        if (visited.add(id)) {
            of(things.get(id)).stream().filter(things::containsKey).forEach(needed -> visit(needed, things, visited, sorted));
            sorted.add(id);
        }
    }
}
