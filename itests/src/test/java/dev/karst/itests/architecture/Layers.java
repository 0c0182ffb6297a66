package dev.karst.itests.architecture;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads cnf/layers.txt and holds the bundles against it. */
final class Layers {
    private static final String PREFIX = "dev.karst.";

    private final Map<String, Layer> layers = new LinkedHashMap<>();

    /** One line of the file. */
    private record Layer(int level, boolean inFeature, Set<String> imports) {}

    Layers(List<String> lines) {
        for (String line : lines) {
            if (!line.isBlank() && !line.startsWith("#")) {
                String[] words = line.split("\\s+");
                boolean star = words[1].endsWith("*");
                String name = star ? words[1].substring(0, words[1].length() - 1) : words[1];
                Set<String> imports = Set.of(List.of(words).subList(2, words.length).toArray(String[]::new));
                layers.put(name, new Layer(Integer.parseInt(words[0]), !star, imports));
            }
        }
    }

    /** Lines that name an unknown bundle or one above; bundles without a line. */
    List<String> inconsistencies(List<Module> modules) {
        List<String> found = new ArrayList<>();
        for (Module module : modules) {
            if (!layers.containsKey(module.name())) {
                found.add("bundle " + module.name() + " has no line in layers.txt");
            }
        }
        layers.forEach((name, layer) -> {
            for (String imported : layer.imports()) {
                if (!layers.containsKey(imported) || layers.get(imported).level() > layer.level()) {
                    found.add(name + " may import " + imported + ", which is no bundle of its level or below");
                }
            }
        });
        return found;
    }

    /** Imports of Karst packages that the line of the bundle does not allow. Only a library may import what is not exported. */
    List<String> wrongImports(List<Module> modules) {
        Map<String, String> exporters = new HashMap<>();
        Map<String, String> owners = new HashMap<>();
        for (Module module : modules) {
            module.clauses("Export-Package").keySet().forEach(name -> exporters.put(name, module.name()));
            module.packages().forEach(name -> owners.put(name, module.name()));
        }
        List<String> found = new ArrayList<>();
        for (Module module : modules) {
            Map<String, String> providers = isLibrary(module.name()) ? owners : exporters;
            for (String imported : module.clauses("Import-Package").keySet()) {
                String from = providers.getOrDefault(imported, "nobody");
                if (imported.startsWith(PREFIX) && !from.equals(module.name()) && !mayImport(module.name(), from)) {
                    found.add(module.name() + " imports " + imported + " of " + from);
                }
            }
        }
        return found;
    }

    private boolean isLibrary(String name) {
        return layers.containsKey(name) && !layers.get(name).inFeature();
    }

    private boolean mayImport(String name, String from) {
        return layers.containsKey(name) && layers.get(name).imports().contains(from);
    }

    /** Bundles that stand in no feature although they should, and the reverse; and those that Maven may not build before the features. */
    List<String> featureMismatches(String features, String pom) {
        List<String> found = new ArrayList<>();
        layers.forEach((name, layer) -> {
            boolean named = features.contains("<bundle>mvn:dev.karst/" + PREFIX + name + "/")
                || features.contains("\">mvn:dev.karst/" + PREFIX + name + "/");
            if (named != layer.inFeature()) {
                found.add(name + (named ? " has a star in layers.txt but is in a feature" : " is in no feature"));
            }
            if (named && !pom.contains("<artifactId>" + PREFIX + name + "</artifactId>")) {
                found.add(name + " is no dependency of the features");
            }
        });
        return found;
    }
}
