package dev.karst.itests.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rules, on this checkout. That each rule can fail shows {@link PlantedViolationsTest}. */
class ArchitectureTest {
    private static Tree tree;
    private static List<Module> modules;

    @BeforeAll
    static void read() throws IOException {
        tree = Tree.here();
        modules = tree.modules();
        assertFalse(modules.isEmpty());
    }

    @Test
    void shouldListEveryBundleWhenLayersAreRead() throws IOException {
        none(layers().inconsistencies(modules));
    }

    @Test
    void shouldImportOnlyWhatLayersAllow() throws IOException {
        none(layers().wrongImports(modules));
    }

    @Test
    void shouldBeInFeatureUnlessMarked() throws IOException {
        none(layers().featureMismatches(tree.text("features/src/main/feature/feature.xml"), tree.text("features/pom.xml")));
    }

    @Test
    void shouldExportOnlyDescribedApi() {
        none(each(ManifestRules::wrongExports));
    }

    @Test
    void shouldHaveNoForbiddenHeader() {
        none(each(ManifestRules::forbiddenHeaders));
    }

    @Test
    void shouldHaveNoPackageCycle() {
        none(PackageCycles.find(modules));
    }

    @Test
    void shouldCallForeignFunctionsOnlyInEnvironment() {
        none(each(ClassRules::forbiddenTypes));
    }

    @Test
    void shouldHaveNoNativeMethod() {
        none(each(ClassRules::nativeMethods));
    }

    @Test
    void shouldDeclareLayoutFieldsAsConstantRecords() {
        none(each(ClassRules::layoutFields));
    }

    @Test
    void shouldContainNoBannedWord() throws IOException {
        BannedWords banned = new BannedWords(tree.lines("cnf/banned.txt"));
        none(modules.stream().flatMap(module -> module.sources().stream()).flatMap(file -> banned.find(file).stream()).toList());
    }

    @Test
    void shouldStayWithinSizeLimits() throws IOException {
        none(SizeLimits.exceeded(tree.lines("cnf/limits.txt"), tree.allSources()));
    }

    private static Layers layers() throws IOException {
        return new Layers(tree.lines("cnf/layers.txt"));
    }

    private static List<String> each(Function<Module, List<String>> rule) {
        return modules.stream().flatMap(module -> rule.apply(module).stream()).toList();
    }

    private static void none(List<String> violations) {
        assertEquals("", String.join("\n", violations));
    }
}
