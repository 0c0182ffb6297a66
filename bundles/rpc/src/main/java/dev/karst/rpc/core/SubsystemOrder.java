package dev.karst.rpc.core;

import dev.karst.rpc.ConfigSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Sorts configuration sources so that each comes after those it needs, else by name: the same after every start. */
final class SubsystemOrder {
    private final List<ConfigSource> sources;
    private final List<ConfigSource> sorted = new ArrayList<>();
    private final Set<ConfigSource> visited = new HashSet<>();

    private SubsystemOrder(List<ConfigSource> sources) {
        this.sources = sources;
    }

    static List<ConfigSource> sort(List<ConfigSource> sources) {
        List<ConfigSource> named = sources.stream().sorted(Comparator.comparing(ConfigSource::subsystem)).toList();
        SubsystemOrder order = new SubsystemOrder(named);
        named.forEach(order::visit);
        return List.copyOf(order.sorted);
    }

    /** A circle is cut where it closes. */
    private void visit(ConfigSource source) {
        if (visited.add(source)) {
            for (String needed : source.after()) {
                sources.stream().filter(other -> other.subsystem().equals(needed)).forEach(this::visit);
            }
            sorted.add(source);
        }
    }
}
