package dev.karst.itests.architecture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The checkout that the test runs in. */
record Tree(Path root) {
    /** The one that holds the working folder. */
    static Tree here() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("cnf/layers.txt"))) {
            folder = folder.getParent();
        }
        return new Tree(folder);
    }

    /** All files below a folder whose names end so, in order; none if there is no such folder. */
    static List<Path> files(Path folder, String suffix) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
        }
    }

    List<Module> modules() throws IOException {
        List<Module> modules = new ArrayList<>();
        for (Path folder : bundleFolders()) {
            modules.add(Module.read(root, folder));
        }
        return modules;
    }

    List<Path> bundleFolders() throws IOException {
        try (Stream<Path> folders = Files.list(root.resolve("bundles"))) {
            return folders.filter(folder -> Files.exists(folder.resolve("bnd.bnd"))).sorted().toList();
        }
    }

    /** Every Java source, tests included. */
    List<SourceFile> allSources() throws IOException {
        List<SourceFile> sources = new ArrayList<>(SourceFile.readAll(root, root.resolve("itests/src")));
        for (Path folder : bundleFolders()) {
            sources.addAll(SourceFile.readAll(root, folder.resolve("src")));
        }
        return sources;
    }

    List<String> lines(String file) throws IOException {
        return Files.readAllLines(root.resolve(file));
    }

    String text(String file) throws IOException {
        return Files.readString(root.resolve(file));
    }
}
