package dev.karst.swap;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.CRC32;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;

/** A bundle's jar, whole in memory. */
final class Jar {
    private static final String MANIFEST = "META-INF/MANIFEST.MF";
    /** 1 January 1980, the first that a jar can tell; the same content is the same jar. */
    private static final long NO_TIME = 315_532_800_000L;

    private final byte[] bytes;
    private final String symbolicName;
    private final String version;

    /**
     * The jar that these bytes are.
     *
     * @throws IOException when it is no jar or no bundle, saying so
     */
    Jar(byte[] bytes) throws IOException {
        this.bytes = bytes.clone();
        try (JarInputStream jar = new JarInputStream(stream())) {
            Manifest manifest = jar.getManifest();
            String name = manifest == null ? null : manifest.getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME);
            if (name == null) {
                throw new IOException("is no bundle: its manifest has no " + Constants.BUNDLE_SYMBOLICNAME);
            }
            symbolicName = name.split(";", 2)[0].strip();
            version = Optional.ofNullable(manifest.getMainAttributes().getValue(Constants.BUNDLE_VERSION)).orElse("0.0.0");
        }
    }

    /** The jar at an address as bundles are installed from. */
    static Jar at(URI address) throws IOException {
        try (InputStream in = address.toURL().openStream()) {
            return new Jar(in.readAllBytes());
        }
    }

    /** The jar that a bundle is of now, put together from what it holds, without fragments. */
    static Jar of(Bundle bundle) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(out)) {
            add(jar, bundle, MANIFEST);
            for (String path : paths(bundle, "/", new ArrayList<>())) {
                if (!path.equals(MANIFEST)) {
                    add(jar, bundle, path);
                }
            }
        }
        return new Jar(out.toByteArray());
    }

    private static List<String> paths(Bundle bundle, String folder, List<String> found) {
        Enumeration<String> in = bundle.getEntryPaths(folder);
        while (in != null && in.hasMoreElements()) {
            String path = in.nextElement();
            if (path.endsWith("/")) {
                paths(bundle, path, found);
            } else {
                found.add(path);
            }
        }
        return found;
    }

    private static void add(JarOutputStream jar, Bundle bundle, String path) throws IOException {
        JarEntry entry = new JarEntry(path);
        entry.setTime(NO_TIME);
        jar.putNextEntry(entry);
        try (InputStream in = bundle.getEntry(path).openStream()) {
            in.transferTo(jar);
        }
        jar.closeEntry();
    }

    InputStream stream() {
        return new ByteArrayInputStream(bytes);
    }

    String symbolicName() {
        return symbolicName;
    }

    String version() {
        return version;
    }

    /** The same content as the jar of a bundle with that name. */
    Jar named(String name) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JarInputStream from = new JarInputStream(stream(), false)) {
            Manifest manifest = new Manifest(from.getManifest());
            String header = manifest.getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME);
            int directives = header.indexOf(';');
            manifest.getMainAttributes().putValue(Constants.BUNDLE_SYMBOLICNAME,
                name + (directives < 0 ? "" : header.substring(directives)));
            try (JarOutputStream to = new JarOutputStream(out, manifest)) {
                for (JarEntry entry = from.getNextJarEntry(); entry != null; entry = from.getNextJarEntry()) {
                    to.putNextEntry(new JarEntry(entry.getName()));
                    from.transferTo(to);
                    to.closeEntry();
                }
            }
        }
        return new Jar(out.toByteArray());
    }

    /** Whether another holds the same files, however they are packed. */
    boolean holdsSameAs(Jar other) throws IOException {
        return checksums().equals(other.checksums());
    }

    private Map<String, Long> checksums() throws IOException {
        Map<String, Long> sums = new TreeMap<>();
        try (JarInputStream jar = new JarInputStream(stream())) {
            for (JarEntry entry = jar.getNextJarEntry(); entry != null; entry = jar.getNextJarEntry()) {
                if (!entry.isDirectory()) {
                    CRC32 sum = new CRC32();
                    sum.update(jar.readAllBytes());
                    sums.put(entry.getName(), sum.getValue());
                }
            }
        }
        return sums;
    }
}
