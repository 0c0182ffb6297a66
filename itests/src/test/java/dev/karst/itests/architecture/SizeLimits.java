package dev.karst.itests.architecture;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Reads cnf/limits.txt and holds sources against it. */
final class SizeLimits {
    private final Map<String, Integer> limits = new HashMap<>();
    private final Map<String, Integer> exceptions = new HashMap<>();
    private final List<String> found = new ArrayList<>();

    private SizeLimits(List<String> lines) {
        for (String line : lines) {
            if (!line.isBlank() && !line.startsWith("#")) {
                String[] words = line.split("\\s+", 4);
                if (words.length == 2) {
                    limits.put(words[0], Integer.valueOf(words[1]));
                } else {
                    exceptions.put(words[0] + " " + words[1], Integer.valueOf(words[2]));
                }
                if (words.length == 3) {
                    found.add("limits.txt: an exception has no reason: " + line);
                }
            }
        }
    }

    /** Everything that is larger than the file allows. */
    static List<String> exceeded(List<String> limits, List<SourceFile> sources) throws IOException {
        SizeLimits check = new SizeLimits(limits);
        Map<String, Integer> packages = new TreeMap<>();
        for (SourceFile source : sources) {
            packages.merge(source.folder(), 1, Integer::sum);
            check.compare("file-lines", source.path(), (int) source.text().lines().count());
            check.compareMethods(source);
        }
        packages.forEach((folder, files) -> check.compare("package-files", folder, files));
        return check.found;
    }

    private void compare(String limit, String where, int size) {
        int allowed = exceptions.getOrDefault(limit + " " + where, limits.get(limit));
        if (size > allowed) {
            found.add(where + ": " + limit + " " + size + ", allowed " + allowed);
        }
    }

    private void compareMethods(SourceFile source) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        JavacTask task = (JavacTask) compiler.getTask(null, null, problem -> {}, null, null, List.of(new Text(source)));
        SourcePositions positions = Trees.instance(task).getSourcePositions();
        for (CompilationUnitTree unit : task.parse()) {
            LineMap lines = unit.getLineMap();
            new TreeScanner<Void, Void>() {
                @Override
                public Void visitMethod(MethodTree method, Void nothing) {
                    String where = source.path() + "#" + method.getName();
                    long first = lines.getLineNumber(positions.getStartPosition(unit, method));
                    long last = lines.getLineNumber(positions.getEndPosition(unit, method));
                    compare("method-lines", where, (int) (last - first + 1));
                    compare("parameters", where, method.getParameters().size());
                    return super.visitMethod(method, nothing);
                }
            }.scan(unit, null);
        }
    }

    /** A source as the compiler takes it. */
    private static final class Text extends SimpleJavaFileObject {
        private final String text;

        Text(SourceFile source) {
            super(URI.create("string:///" + source.path()), Kind.SOURCE);
            this.text = source.text();
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
