package dev.karst.rpc.desired;

import dev.karst.rpc.RpcParameter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * How the objects of a list become those of another one; in which order they stand is all the same.
 *
 * @param gone those that are taken away
 * @param come those that are added
 */
record MemberChange(List<Map<?, ?>> gone, List<Map<?, ?>> come) {
    /**
     * The least change.
     *
     * @param have the list that is there
     * @param want the other one; what an object leaves out may be as it is
     * @param goes which objects cannot stay, whether they are wanted or not
     */
    static MemberChange between(RpcParameter list, Object have, Object want, Predicate<Map<?, ?>> goes) {
        List<Map<?, ?>> gone = new ArrayList<>(objects(have));
        List<Map<?, ?>> staying = new ArrayList<>(gone);
        staying.removeIf(goes);
        List<Map<?, ?>> come = new ArrayList<>(objects(want));
        // Whoever leaves something out takes what the others do not need.
        for (Map<?, ?> wanted : come.stream().sorted(Comparator.comparing((Map<?, ?> object) -> -object.size())).toList()) {
            staying.stream().filter(one -> fits(list, one, wanted)).findFirst().ifPresent(one -> {
                staying.remove(one);
                gone.remove(one);
                come.remove(wanted);
            });
        }
        return new MemberChange(gone, come);
    }

    static List<Map<?, ?>> objects(Object list) {
        return list instanceof List<?> all ? all.stream().<Map<?, ?>>map(Map.class::cast).toList() : List.of();
    }

    private static boolean fits(RpcParameter list, Map<?, ?> have, Map<?, ?> want) {
        return list.fields().stream().allMatch(field -> {
            Object wanted = orInitial(field, want);
            return wanted == null || Objects.equals(Values.canonical(field, wanted), Values.canonical(field, orInitial(field, have)));
        });
    }

    private static Object orInitial(RpcParameter field, Map<?, ?> object) {
        Object value = object.get(field.name());
        return value == null ? Values.initial(field) : value;
    }

    boolean isNone() {
        return gone.isEmpty() && come.isEmpty();
    }
}
