package dev.karst.itests.architecture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A Java source.
 *
 * @param path from the root, with slashes
 */
record SourceFile(String path, String text) {
    private static final Pattern COMMENT_OR_LITERAL = Pattern.compile(
        "//[^\n]*|/\\*.*?\\*/|\"\"\".*?\"\"\"|\"(\\\\.|[^\"\\\\\n])*\"|'(\\\\.|[^'\\\\])+'", Pattern.DOTALL);

    static List<SourceFile> readAll(Path root, Path folder) throws IOException {
        List<SourceFile> sources = new ArrayList<>();
        for (Path file : Tree.files(folder, ".java")) {
            sources.add(new SourceFile(root.relativize(file).toString(), Files.readString(file)));
        }
        return sources;
    }

    /** The text without comments, strings and characters, line for line. */
    String code() {
        return COMMENT_OR_LITERAL.matcher(text).replaceAll(match -> "\n".repeat((int) match.group().lines().count() - 1));
    }

    String folder() {
        return path.substring(0, path.lastIndexOf('/'));
    }
}
