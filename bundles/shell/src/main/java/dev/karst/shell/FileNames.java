package dev.karst.shell;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** File names that begin with what was typed. The shell's own completer works only at a terminal. */
final class FileNames {
    private static final int MOST = 1000;

    private FileNames() {}

    /** The names, as far as the folder can be read; those of folders end with a slash. */
    static List<String> startingWith(String typed) {
        int name = typed.lastIndexOf('/') + 1;
        String above = typed.substring(0, name);
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of(above))) {
            files.limit(MOST)
                .filter(file -> file.getFileName().toString().startsWith(typed.substring(name)))
                .forEach(file -> names.add(above + file.getFileName() + (Files.isDirectory(file) ? "/" : "")));
        } catch (IOException | InvalidPathException e) {
            // a completion without candidates says it all
        }
        return names;
    }
}
