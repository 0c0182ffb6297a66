package dev.karst.itests.architecture;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.Manifest;
import java.util.stream.Collectors;

/**
 * One folder of bundles/ as it was built.
 *
 * @param name without the prefix {@code dev.karst.}
 * @param manifest its headers
 * @param classes of its jar, with what it embeds
 * @param sources its main Java sources
 */
record Module(String name, Map<String, String> manifest, List<ClassModel> classes, List<SourceFile> sources) {
    static Module read(Path root, Path folder) throws IOException {
        Path built = folder.resolve("target/classes");
        Map<String, String> headers = new TreeMap<>();
        try (InputStream in = Files.newInputStream(built.resolve("META-INF/MANIFEST.MF"))) {
            new Manifest(in).getMainAttributes().forEach((name, value) -> headers.put(name.toString(), value.toString()));
        }
        List<ClassModel> classes = new ArrayList<>();
        for (Path file : Tree.files(built, ".class")) {
            classes.add(ClassFile.of().parse(file));
        }
        String name = folder.getFileName().toString();
        return new Module(name, headers, classes, SourceFile.readAll(root, folder.resolve("src/main/java")));
    }

    /** The packages of its own, without those that it embeds. */
    Set<String> packages() {
        return sources.stream()
            .map(source -> source.folder().replaceFirst(".*src/main/java/", "").replace('/', '.'))
            .collect(Collectors.toSet());
    }

    /** The clauses of a header: package names with their attributes, as text. */
    Map<String, String> clauses(String header) {
        Map<String, String> clauses = new TreeMap<>();
        for (String clause : manifest.getOrDefault(header, "").split(",(?=([^\"]*\"[^\"]*\")*[^\"]*$)")) {
            String[] parts = clause.split(";", 2);
            if (!parts[0].isBlank()) {
                clauses.put(parts[0].strip(), parts.length > 1 ? parts[1] : "");
            }
        }
        return clauses;
    }
}
