package dev.karst.base;

import java.nio.file.Path;

/** The folder of what an instance keeps: what relative paths of its settings and calls start from. */
public final class DataFolder {
    private DataFolder() {}

    /** The path in the data folder, or the path itself if it is absolute; absolute and normal. */
    public static Path resolve(String path) {
        Path data = Path.of(System.getProperty("karst.data", System.getProperty("karaf.data", "")));
        return data.resolve(path).toAbsolutePath().normalize();
    }
}
