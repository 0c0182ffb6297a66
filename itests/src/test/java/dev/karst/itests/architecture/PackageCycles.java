package dev.karst.itests.architecture;

import java.lang.classfile.ClassModel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Looks for packages that need each other. */
final class PackageCycles {
    private static final String PREFIX = "dev/karst/";

    private final Map<String, Set<String>> uses = new TreeMap<>();

    private PackageCycles(List<Module> modules) {
        for (Module module : modules) {
            module.classes().forEach(this::add);
        }
    }

    private void add(ClassModel type) {
        Set<String> used = uses.computeIfAbsent(packageOf(type.thisClass().asInternalName()), name -> new TreeSet<>());
        for (String other : ClassRules.usedTypes(type)) {
            if (other.startsWith(PREFIX)) {
                used.add(packageOf(other));
            }
        }
    }

    /** A shortest cycle through each package that lies on one, written from its first package in order. */
    static List<String> find(List<Module> modules) {
        PackageCycles graph = new PackageCycles(modules);
        Set<String> cycles = new TreeSet<>();
        for (String start : graph.uses.keySet()) {
            List<String> path = graph.wayBack(start);
            if (!path.isEmpty() && path.stream().min(String::compareTo).get().equals(start)) {
                cycles.add(String.join(" -> ", path) + " -> " + start);
            }
        }
        return List.copyOf(cycles);
    }

    /** Breadth first from a package to itself; empty if there is no way. */
    private List<String> wayBack(String start) {
        Map<String, String> from = new TreeMap<>();
        Deque<String> queue = new ArrayDeque<>(List.of(start));
        while (!queue.isEmpty()) {
            String here = queue.remove();
            for (String next : uses.getOrDefault(here, Set.of())) {
                if (next.equals(start) && !here.equals(start)) {
                    return path(from, start, here);
                }
                if (!next.equals(start) && from.putIfAbsent(next, here) == null) {
                    queue.add(next);
                }
            }
        }
        return List.of();
    }

    private static List<String> path(Map<String, String> from, String start, String end) {
        List<String> path = new ArrayList<>();
        for (String here = end; !here.equals(start); here = from.get(here)) {
            path.addFirst(here);
        }
        path.addFirst(start);
        return path;
    }

    private static String packageOf(String internalName) {
        return internalName.substring(0, internalName.lastIndexOf('/')).replace('/', '.');
    }
}
