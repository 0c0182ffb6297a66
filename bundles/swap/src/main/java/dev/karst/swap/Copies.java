package dev.karst.swap;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** The jars of the bundles with modules, as they were when they last served. Any thread. */
final class Copies {
    private static final System.Logger LOG = System.getLogger(Copies.class.getName());

    private final BundleContext context;
    private final Map<Long, Copy> copies = new ConcurrentHashMap<>();

    /**
     * A version that served.
     *
     * @param modified when the framework last saw the bundle change, at that time
     */
    record Copy(String version, long modified, Path file) {
        Jar jar() throws IOException {
            return new Jar(Files.readAllBytes(file));
        }
    }

    Copies(BundleContext context) {
        this.context = context;
    }

    /** The bundle serves as it is: keeps that. */
    void keep(Bundle bundle) {
        Copy kept = copies.get(bundle.getBundleId());
        if (kept != null && kept.modified == bundle.getLastModified()) {
            return;
        }
        File file = context.getDataFile(bundle.getBundleId() + ".jar");
        try {
            Jar jar = Jar.of(bundle);
            try (InputStream content = jar.stream()) {
                Files.copy(content, file.toPath(), StandardCopyOption.REPLACE_EXISTING);
            }
            copies.put(bundle.getBundleId(), new Copy(jar.version(), bundle.getLastModified(), file.toPath()));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "swap: no copy of {0} is kept, so it cannot be put back: {1}",
                bundle.getSymbolicName(), e.getMessage());
        }
    }

    Optional<Copy> of(Bundle bundle) {
        return Optional.ofNullable(copies.get(bundle.getBundleId()));
    }

    /** The bundle is gone for good. */
    void drop(Bundle bundle) {
        Copy copy = copies.remove(bundle.getBundleId());
        if (copy != null && !copy.file.toFile().delete()) {
            LOG.log(System.Logger.Level.DEBUG, "swap: the copy {0} is gone", copy.file);
        }
    }
}
