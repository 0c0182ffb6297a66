package dev.karst.swap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The deploy folder after a jar in it was no good. */
class DeployFolderTest {
    @TempDir Path folder;

    private final byte[] good = Jars.bundle("a", "1", "good", 9);
    private final byte[] bad = Jars.bundle("a", "2", "bad", 9);

    DeployFolderTest() throws Exception {}

    private List<String> names() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void shouldRenameRejectedAndRestoreWhenTheJarCameFromHere() throws Exception {
        Files.write(folder.resolve("other.jar"), Jars.bundle("b", "1", "other", 9));
        Files.write(folder.resolve("broken.jar"), new byte[] {1});
        Files.write(folder.resolve("a.jar"), bad);
        Optional<Path> rejected = new DeployFolder(folder).reject(new Jar(Jars.bundle("a", "2", "bad", 0)), new Jar(good));
        assertEquals(Optional.of(folder.resolve("a.jar.rejected")), rejected);
        assertArrayEquals(bad, Files.readAllBytes(rejected.get()));
        assertArrayEquals(good, Files.readAllBytes(folder.resolve("a.jar")));
        assertEquals(List.of("a.jar", "a.jar.rejected", "broken.jar", "other.jar"), names());
    }

    @Test
    void shouldTouchNothingWhenTheJarCameFromElsewhere() throws Exception {
        Files.write(folder.resolve("a.jar"), good);
        assertTrue(new DeployFolder(folder).reject(new Jar(bad), new Jar(good)).isEmpty());
        assertEquals(List.of("a.jar"), names());
        assertTrue(new DeployFolder(folder.resolve("none")).reject(new Jar(bad), new Jar(good)).isEmpty());
    }
}
