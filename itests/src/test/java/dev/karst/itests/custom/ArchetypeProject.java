package dev.karst.itests.custom;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A project that Maven makes from the archetype and builds. Its Maven has a repository of its own, with what this build has made of Karst,
 * and takes all else from that of this build where it is there.
 */
final class ArchetypeProject {
    private static final Path ROOT = Path.of(System.getProperty("karst.root"));
    private static final String VERSION = System.getProperty("karst.version");
    private static final String ARCHETYPE_PLUGIN = System.getProperty("archetype.version");
    private static final long LIMIT_S = 300;
    private static final String SETTINGS = """
        <settings>
          <profiles><profile>
            <id>local</id>
            <repositories><repository><id>build</id><url>%1$s</url></repository></repositories>
            <pluginRepositories><pluginRepository><id>build</id><url>%1$s</url></pluginRepository></pluginRepositories>
          </profile></profiles>
          <activeProfiles><activeProfile>local</activeProfile></activeProfiles>
        </settings>
        """;

    private final Path folder;
    private final Path repository;

    ArchetypeProject(Path folder) {
        this.folder = folder;
        this.repository = folder.resolve("repository");
    }

    /** Makes and builds it, with its tests; gives the jar. */
    Path build() throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Path here = Path.of(System.getProperty("org.ops4j.pax.url.mvn.localRepository"));
        Files.writeString(folder.resolve("settings.xml"), SETTINGS.formatted(here.toUri()));
        publish(ROOT.resolve("pom.xml"), "karst", null);
        publish(ROOT.resolve("bundles/pom.xml"), "dev.karst.bundles", null);
        publish(ROOT.resolve("archetype/pom.xml"), "karst-bdev-archetype",
            ROOT.resolve("archetype/target/karst-bdev-archetype-" + VERSION + ".jar"));
        for (String bundle : List.of("base", "env.api", "env.linux", "env.sim", "reactor.api", "reactor", "reactor.sim", "rpc.api", "bdev.api",
            "bdev", "bdev.testkit")) {
            Path module = ROOT.resolve("bundles").resolve(bundle);
            String artifact = "dev.karst." + bundle;
            publish(module.resolve("pom.xml"), artifact, module.resolve("target/" + artifact + "-" + VERSION + ".jar"));
        }
        maven(folder, "org.apache.maven.plugins:maven-archetype-plugin:" + ARCHETYPE_PLUGIN + ":generate", "-DarchetypeCatalog=local",
            "-DarchetypeGroupId=dev.karst", "-DarchetypeArtifactId=karst-bdev-archetype", "-DarchetypeVersion=" + VERSION,
            "-DgroupId=org.example", "-DartifactId=http-disk");
        Path project = folder.resolve("http-disk");
        maven(project, "package");
        return project.resolve("target/http-disk-1.0.0-SNAPSHOT.jar");
    }

    private void publish(Path pom, String artifact, Path jar) throws IOException {
        Path place = repository.resolve("dev/karst").resolve(artifact).resolve(VERSION);
        Files.createDirectories(place);
        Files.copy(pom, place.resolve(artifact + "-" + VERSION + ".pom"));
        if (jar != null) {
            Files.copy(jar, place.resolve(artifact + "-" + VERSION + ".jar"));
        }
    }

    private void maven(Path where, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("mvn", "-B", "-s", folder.resolve("settings.xml").toString(),
            "-Dmaven.repo.local=" + repository));
        command.addAll(List.of(arguments));
        Path log = folder.resolve("maven.log");
        ProcessBuilder builder = new ProcessBuilder(command).directory(where.toFile())
            .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        boolean ended = process.waitFor(LIMIT_S, TimeUnit.SECONDS);
        process.destroyForcibly();
        if (!ended || process.exitValue() != 0) {
            try (Stream<String> lines = Files.lines(log)) {
                throw new AssertionError("mvn " + List.of(arguments) + " failed:\n"
                    + String.join("\n", lines.filter(line -> !line.startsWith("Progress") && !line.startsWith("Download")).toList()));
            }
        }
    }
}
