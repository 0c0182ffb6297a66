package dev.karst.itests.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each rule finds the violation planted for it, and nothing in what is right. */
class PlantedViolationsTest {
    private static final Map<String, String> NO_HEADERS = Map.of();

    @TempDir Path folder;

    @Test
    void shouldFindBundleWithoutLine() {
        Module module = bundle("stray", NO_HEADERS);
        assertFound("bundle stray has no line", new Layers(List.of("0 base")).inconsistencies(List.of(module)));
    }

    @Test
    void shouldFindLineThatPointsUp() {
        Layers layers = new Layers(List.of("0 base nvmf", "7 nvmf base"));
        assertFound("base may import nvmf", layers.inconsistencies(List.of()));
    }

    @Test
    void shouldFindImportThatLineDoesNotAllow() {
        Module api = bundle("b.api", Map.of("Export-Package", "dev.karst.b;version=\"1.0.0\";uses:=\"a,b\""));
        Module user = bundle("u", Map.of("Import-Package", "dev.karst.b;version=\"[1.0,2)\",dev.karst.spec.x,java.util"));
        List<Module> modules = List.of(api, user);
        List<String> found = new Layers(List.of("1 b.api", "2 u")).wrongImports(modules);
        assertEquals(List.of("u imports dev.karst.b of b.api", "u imports dev.karst.spec.x of nobody"), found);
        assertEquals(1, new Layers(List.of("1 b.api", "2 u b.api")).wrongImports(modules).size());
    }

    @Test
    void shouldLetOnlyLibraryImportWhatIsNotExported() {
        SourceFile source = new SourceFile("bundles/b/src/main/java/dev/karst/b/core/B.java", "");
        Module implementation = new Module("b", NO_HEADERS, List.of(), List.of(source));
        List<Module> modules = List.of(implementation, bundle("kit", Map.of("Import-Package", "dev.karst.b.core")));
        assertEquals(List.of(), new Layers(List.of("1 b", "2 kit* b")).wrongImports(modules));
        assertFound("kit imports dev.karst.b.core", new Layers(List.of("1 b", "2 kit b")).wrongImports(modules));
        assertFound("kit imports dev.karst.b.core of b", new Layers(List.of("1 b", "2 kit*")).wrongImports(modules));
    }

    @Test
    void shouldFindBundleInNoFeature() {
        String features = "<bundle>mvn:dev.karst/dev.karst.base/1</bundle>";
        String pom = "<artifactId>dev.karst.base</artifactId>";
        assertFound("bdev is in no feature", new Layers(List.of("0 base", "5 bdev", "2 env.sim*")).featureMismatches(features, pom));
        assertFound("base has a star", new Layers(List.of("0 base*")).featureMismatches(features, pom));
        assertFound("base is no dependency", new Layers(List.of("0 base")).featureMismatches(features, ""));
    }

    @Test
    void shouldFindWrongExports() {
        List<String> found = ManifestRules.wrongExports(bundle("bdev", Map.of("Export-Package", "dev.karst.bdev.core")));
        assertFound("is an implementation", found);
        assertFound("without a version", found);
        assertFound("without a text", found);
        SourceFile described = new SourceFile("x/dev/karst/b/package-info.java", "/** Text. */ package dev.karst.b;");
        Map<String, String> headers = Map.of("Export-Package", "dev.karst.b;version=\"1.0.0\"");
        assertEquals(List.of(), ManifestRules.wrongExports(new Module("b.api", headers, List.of(), List.of(described))));
    }

    @Test
    void shouldFindForbiddenHeaders() {
        Map<String, String> headers =
            Map.of("Require-Bundle", "x", "DynamicImport-Package", "*", "Bundle-Activator", "dev.karst.x.Activator");
        assertEquals(3, ManifestRules.forbiddenHeaders(bundle("x", headers)).size());
        assertEquals(2, ManifestRules.forbiddenHeaders(bundle("compat", headers)).size());
    }

    @Test
    void shouldFindPackageCycle() throws IOException {
        Module module = compiled("x",
            "package dev.karst.a; public class A { dev.karst.b.B b = new dev.karst.b.B(); }",
            "package dev.karst.b; public class B { static Object c() { return new dev.karst.c.C(); } }",
            "package dev.karst.c; public class C extends dev.karst.a.A {}");
        assertEquals(
            List.of("dev.karst.a -> dev.karst.b -> dev.karst.c -> dev.karst.a"), PackageCycles.find(List.of(module)));
    }

    @Test
    void shouldFindForeignFunctions() throws IOException {
        String source = "package dev.karst.x; class X { Object l = java.lang.foreign.Linker.nativeLinker(); }";
        assertFound("uses java/lang/foreign/Linker", ClassRules.forbiddenTypes(compiled("x", source)));
        assertEquals(List.of(), ClassRules.forbiddenTypes(compiled("env.linux", source)));
    }

    @Test
    void shouldFindUnsafe() throws IOException {
        Module module = compiled("env.linux", "package dev.karst.x; class X { Object u = sun.misc.Unsafe.class; }");
        assertFound("uses sun/misc/Unsafe", ClassRules.forbiddenTypes(module));
    }

    @Test
    void shouldFindNativeMethod() throws IOException {
        assertFound("X#call is native", ClassRules.nativeMethods(compiled("x", "package dev.karst.x; class X { native void call(); }")));
    }

    @Test
    void shouldFindLayoutFieldThatIsNoConstantRecord() throws IOException {
        Module module = compiled("x",
            "package dev.karst.base; public abstract class Struct { public record U8(int offset) {} }",
            """
            package dev.karst.x;
            final class Sqe extends dev.karst.base.Struct {
                static final int BYTES = 64;
                static final U8 RIGHT = new U8(0);
                static U8 NOT_FINAL = new U8(1);
                static final Object NO_RECORD = new Object();
            }""");
        List<String> found = ClassRules.layoutFields(module);
        assertFound("NOT_FINAL", found);
        assertFound("NO_RECORD", found);
        assertEquals(2, found.size());
    }

    @Test
    void shouldFindBannedWordOnlyInCode() {
        BannedWords banned = new BannedWords(List.of("# comment", "System.out | System.Logger | bundles/launcher", "exit( | x |"));
        String text = "/* System.out */\nString s = \"System.out\"; // System.out\nSystem.out.println('\"'); exit(1);\n";
        List<String> found = banned.find(new SourceFile("bundles/x/X.java", text));
        assertFound("bundles/x/X.java:3: System.out is banned: use System.Logger", found);
        assertEquals(2, found.size());
        assertEquals(1, banned.find(new SourceFile("bundles/launcher/X.java", text)).size());
    }

    @Test
    void shouldFindWhatIsTooLarge() throws IOException {
        List<String> limits = List.of("file-lines 3", "package-files 1", "method-lines 2", "parameters 1");
        SourceFile large = new SourceFile("p/X.java", "class X {\n  void m(int a, int b) {\n    m(b, a);\n  }\n}\n");
        List<String> found = SizeLimits.exceeded(limits, List.of(large, new SourceFile("p/Y.java", "class Y {}")));
        assertEquals(List.of(
            "p/X.java: file-lines 5, allowed 3",
            "p/X.java#m: method-lines 3, allowed 2",
            "p/X.java#m: parameters 2, allowed 1",
            "p: package-files 2, allowed 1"), found);
    }

    @Test
    void shouldTakeExceptionFromLimitsOnlyWithReason() throws IOException {
        SourceFile large = new SourceFile("p/X.java", "class X {\n}\n");
        List<String> limits = List.of("file-lines 1", "package-files 1", "method-lines 1", "parameters 1");
        assertEquals(List.of(), exceeded(limits, "file-lines p/X.java 2 it is a table", large));
        assertFound("has no reason", exceeded(limits, "file-lines p/X.java 2", large));
    }

    private static List<String> exceeded(List<String> limits, String exception, SourceFile source) throws IOException {
        List<String> all = new ArrayList<>(limits);
        all.add(exception);
        return SizeLimits.exceeded(all, List.of(source));
    }

    private static Module bundle(String name, Map<String, String> headers) {
        return new Module(name, headers, List.of(), List.of());
    }

    private Module compiled(String name, String... sources) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-nowarn", "-d", folder.toString()));
        for (int i = 0; i < sources.length; i++) {
            String type = sources[i].replaceFirst("(?s).*?class (\\w+).*", "$1");
            Path file = Files.createDirectories(folder.resolve("source" + i)).resolve(type + ".java");
            arguments.add(Files.writeString(file, sources[i]).toString());
        }
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        int status = ToolProvider.getSystemJavaCompiler().run(null, messages, messages, arguments.toArray(String[]::new));
        assertEquals(0, status, messages::toString);
        List<ClassModel> classes = new ArrayList<>();
        for (Path file : Tree.files(folder, ".class")) {
            classes.add(ClassFile.of().parse(file));
        }
        return new Module(name, NO_HEADERS, classes, List.of());
    }

    private static void assertFound(String part, List<String> violations) {
        assertTrue(violations.stream().anyMatch(violation -> violation.contains(part)), () -> part + " in " + violations);
    }
}
