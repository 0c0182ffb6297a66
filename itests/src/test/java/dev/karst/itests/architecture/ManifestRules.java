package dev.karst.itests.architecture;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What a bundle's headers may hold. */
final class ManifestRules {
    private static final String COMPAT = "compat";
    private static final Set<String> EXPORTERS = Set.of("base", COMPAT);

    private static final Pattern TEXT = Pattern.compile("/\\*\\*[\\s*]+\\w");

    private ManifestRules() {}

    /** Headers that tie a bundle to others by name, at will, or by an activator. */
    static List<String> forbiddenHeaders(Module module) {
        List<String> found = new ArrayList<>();
        for (String header : List.of("Require-Bundle", "DynamicImport-Package", "Bundle-Activator")) {
            boolean allowed = header.equals("Bundle-Activator") && module.name().equals(COMPAT);
            if (module.manifest().containsKey(header) && !allowed) {
                found.add(module.name() + " has the header " + header);
            }
        }
        return found;
    }

    /** Exports of an implementation; exported packages without a version or without a text in package-info.java. */
    static List<String> wrongExports(Module module) {
        List<String> found = new ArrayList<>();
        boolean mayExport = module.name().endsWith(".api") || EXPORTERS.contains(module.name());
        module.clauses("Export-Package").forEach((name, attributes) -> {
            if (!mayExport) {
                found.add(module.name() + " is an implementation but exports " + name);
            }
            if (!attributes.contains("version=")) {
                found.add(module.name() + " exports " + name + " without a version");
            }
            if (!isDescribed(module, name)) {
                found.add(module.name() + " exports " + name + " without a text in its package-info.java");
            }
        });
        return found;
    }

    private static boolean isDescribed(Module module, String packageName) {
        String end = packageName.replace('.', '/') + "/package-info.java";
        return module.sources().stream().anyMatch(source -> source.path().endsWith(end) && TEXT.matcher(source.text()).find());
    }
}
