package dev.karst.shell;

import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** All that the command of a method takes, objects flattened into their fields. */
final class Fields {
    private final Map<String, Field> byOption = new LinkedHashMap<>();

    Fields(RpcMethod method) {
        flatten(List.of(), method.parameters());
    }

    /** A name that is taken already is lengthened by that of the object it stands in. */
    private void flatten(List<String> above, List<RpcParameter> parameters) {
        for (RpcParameter parameter : parameters) {
            List<String> path = Stream.concat(above.stream(), Stream.of(parameter.name())).toList();
            if (parameter.type() == RpcParameter.Type.OBJECT && !parameter.fields().isEmpty()) {
                continue;
            }
            String shortName = Field.spelled(parameter.name());
            boolean taken = byOption.containsKey(shortName) || Field.COMMON.contains(shortName);
            String option = taken ? Field.spelled(String.join("-", path)) : shortName;
            byOption.put(option, new Field(option, path, parameter));
        }
        for (RpcParameter parameter : parameters) {
            if (parameter.type() == RpcParameter.Type.OBJECT) {
                List<String> path = new ArrayList<>(above);
                path.add(parameter.name());
                flatten(path, parameter.fields());
            }
        }
    }

    List<Field> all() {
        return List.copyOf(byOption.values());
    }

    /** Those given by their place, in order. */
    List<Field> positional() {
        return byOption.values().stream().filter(Field::isPositional).toList();
    }

    List<Field> options() {
        return byOption.values().stream().filter(field -> !field.isPositional()).toList();
    }

    /** By the name on the command line, with dashes or underscores. */
    Optional<Field> named(String name) {
        return Optional.ofNullable(byOption.get(Field.spelled(name)));
    }
}
