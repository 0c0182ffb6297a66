package dev.karst.swap;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** The folder from which the container installs and updates bundles by itself. */
final class DeployFolder {
    private static final System.Logger LOG = System.getLogger(DeployFolder.class.getName());

    private final Path folder;

    DeployFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Takes a jar out that is no good, if it came from here, under the name NAME.jar.rejected, and puts the one before in its
     * place: without one in that place the container would uninstall the bundle. Gives the new name.
     */
    Optional<Path> reject(Jar bad, Jar good) {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "*.jar")) {
            for (Path jar : jars) {
                if (holds(jar, bad)) {
                    return Optional.of(replace(jar, good));
                }
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "swap: the rejected jar stays in {0}: {1}", folder, e.getMessage());
        }
        return Optional.empty();
    }

    private static boolean holds(Path file, Jar jar) throws IOException {
        try {
            return new Jar(Files.readAllBytes(file)).holdsSameAs(jar);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "swap: {0} {1}", file, e.getMessage());
            return false;
        }
    }

    private static Path replace(Path jar, Jar good) throws IOException {
        Path rejected = jar.resolveSibling(jar.getFileName() + ".rejected");
        Path next = jar.resolveSibling("." + jar.getFileName() + ".part");
        Files.copy(jar, rejected, StandardCopyOption.REPLACE_EXISTING);
        try (InputStream content = good.stream()) {
            Files.copy(content, next, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.move(next, jar, StandardCopyOption.ATOMIC_MOVE);
        return rejected;
    }
}
