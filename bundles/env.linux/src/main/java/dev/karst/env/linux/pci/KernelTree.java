package dev.karst.env.linux.pci;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.linux.file.Calls;
import dev.karst.env.linux.kernel.Failure;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The files in which the kernel shows devices; a test has its own. What vanishes while it is read counts as not there. */
class KernelTree {
    private static final int O_WRONLY = 1;

    private final Path root;

    /** Below this folder lie sys, proc and dev. */
    KernelTree(Path root) {
        this.root = root;
    }

    /** A path of the machine, given from its root on without a slash before. */
    Path at(String path) {
        return root.resolve(path);
    }

    /** What lies in the folder, in order. */
    List<Path> list(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of();
        }
    }

    /** What the file holds, without the white space around it; empty when it cannot be read. */
    String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /** Where the path leads when all links on it are followed; the path itself when there is nothing. */
    Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path;
        }
    }

    /** The name of what the link leads to; empty when there is no link. */
    String linked(Path link) {
        return Files.exists(link) ? real(link).getFileName().toString() : "";
    }

    /** Writes a short text to an attribute. */
    void write(Path file, String text) throws StorageException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        try (Kernel kernel = Kernel.open()) {
            int fd = Calls.open(kernel, file, O_WRONLY);
            long result = fd;
            if (fd >= 0) {
                Mem.put(kernel.scratch, bytes, 0, bytes.length);
                result = kernel.call(Syscall.WRITE, fd, kernel.scratch, bytes.length);
                kernel.close(fd);
            }
            if (result < 0) {
                throw Failure.of(result, "write '" + text.strip() + "' to " + file);
            }
        }
    }
}
