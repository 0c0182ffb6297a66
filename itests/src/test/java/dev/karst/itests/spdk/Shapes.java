package dev.karst.itests.spdk;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Whether an answer looks like SPDK's to a client: each field of SPDK's is there, in SPDK's order and of its type; there may be
 * more. Elements of lists that have a name are compared with those of the same name, as far as both lists have them. An answer
 * that is no object and no list is the same, or another UUID.
 */
final class Shapes {
    private static final List<String> NAMES = List.of("name", "nqn", "subsystem", "method", "ctrlr", "module");

    private final List<String> differences = new ArrayList<>();

    private Shapes() {}

    /** In which places ours differs. */
    static List<String> differences(Object recorded, Object ours) {
        Shapes shapes = new Shapes();
        if (isUuid(recorded) && isUuid(ours)) {
            return shapes.differences;
        } else if (isPlain(recorded) && !Objects.equals(recorded, ours)) {
            shapes.differences.add("is " + ours + " and not " + recorded);
        } else {
            shapes.compare("", recorded, ours);
        }
        return shapes.differences;
    }

    /** Whoever makes one makes another one each time. */
    private static boolean isUuid(Object value) {
        return value instanceof String text && text.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    }

    private static boolean isPlain(Object value) {
        return !(value instanceof Map || value instanceof List);
    }

    private void compare(String path, Object recorded, Object ours) {
        if (recorded instanceof Map<?, ?> want && ours instanceof Map<?, ?> have) {
            compareFields(path, want, have);
        } else if (recorded instanceof List<?> want && ours instanceof List<?> have) {
            compareElements(path, want, have);
        } else if (!kind(recorded).equals(kind(ours))) {
            differences.add(path + " is " + ours + " and not like " + recorded);
        }
    }

    private void compareFields(String path, Map<?, ?> want, Map<?, ?> have) {
        List<?> missing = want.keySet().stream().filter(key -> !have.containsKey(key)).toList();
        List<?> common = want.keySet().stream().filter(have::containsKey).toList();
        List<?> ordered = have.keySet().stream().filter(want::containsKey).toList();
        if (!missing.isEmpty()) {
            differences.add(path + " lacks " + missing);
        } else if (!ordered.equals(common)) {
            differences.add(path + " has the order " + ordered + " and not " + common);
        }
        common.forEach(key -> compare(path + "." + key, want.get(key), have.get(key)));
    }

    private void compareElements(String path, List<?> want, List<?> have) {
        if (want.isEmpty() != have.isEmpty()) {
            differences.add(path + " has " + have.size() + " elements and not " + want.size());
        }
        for (int i = 0; i < want.size(); i++) {
            Object element = want.get(i);
            Object ours = name(element) == null ? i < have.size() ? have.get(i) : null
                : have.stream().filter(each -> name(element).equals(name(each))).findFirst().orElse(null);
            if (ours != null) {
                compare(path + "[" + (name(element) == null ? i : name(element)) + "]", element, ours);
            }
        }
    }

    private static Object name(Object element) {
        return element instanceof Map<?, ?> map
            ? NAMES.stream().map(map::get).filter(Objects::nonNull).findFirst().orElse(null) : null;
    }

    private static String kind(Object value) {
        return switch (value) {
            case null -> "nothing";
            case Number _ -> "number";
            case Map<?, ?> _ -> "object";
            case List<?> _ -> "list";
            default -> value.getClass().getSimpleName();
        };
    }
}
