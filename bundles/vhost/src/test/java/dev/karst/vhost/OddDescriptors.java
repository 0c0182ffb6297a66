package dev.karst.vhost;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import dev.karst.env.unix.Descriptor;
import dev.karst.env.unix.SharedFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Descriptors that no front-end should send in place of memory, of a kick or of anything. Their numbers are the test's, until it closes. */
final class OddDescriptors implements AutoCloseable {
    private static final int CLOEXEC = 0x80000;
    private static final int ALLOW_SEALING = 2;
    /** MFD_HUGETLB, MFD_HUGE_2MB. */
    private static final int HUGE_2MB = 4 | 21 << 26;
    private static final int PIPE2 = Syscall.number(293, 59);
    private static final int AT_FDCWD = -100;
    private static final int READ_ONLY = 0;
    private static final int READ_WRITE = 2;
    private static final int READ_AND_WRITE = 3;
    private static final int SHARED = 1;
    private static final long BYTES = 8 << 20;

    private final Environment environment;
    private final Path folder;
    private final List<Integer> numbers = new ArrayList<>();
    private final List<Descriptor> descriptors = new ArrayList<>();

    OddDescriptors(Environment environment, Path folder) {
        this.environment = environment;
        this.folder = folder;
    }

    /** How many descriptors the process has open. */
    static long open() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }

    /** A new one of a kind. */
    int of(String kind) throws IOException, StorageException {
        return switch (kind) {
            case "memory" -> sealed(BYTES);
            case "short" -> sealed(1 << 20);
            case "unsealed" -> unsealed(false);
            case "pipe" -> pipe();
            case "folder" -> opened(folder, READ_ONLY);
            case "readonly" -> opened(Path.of("/proc/self/fd/" + sealed(BYTES)), READ_ONLY);
            case "file" -> opened(Files.write(folder.resolve("file"), new byte[(int) BYTES]), READ_WRITE);
            case "event" -> kept(call(Syscall.EVENTFD2, 0, CLOEXEC, 0));
            default -> throw new IOException("there is no such descriptor");
        };
    }

    private int sealed(long bytes) throws StorageException {
        Descriptor memory = environment.unixSockets().createMemory("odd", bytes);
        descriptors.add(memory);
        return memory.number();
    }

    private int unsealed(boolean huge) throws IOException {
        try (Kernel kernel = Kernel.open()) {
            int fd = kept(kernel.call(Syscall.MEMFD_CREATE, text(kernel, "unsealed"), ALLOW_SEALING | 1 | (huge ? HUGE_2MB : 0), 0));
            cut(fd, BYTES);
            return fd;
        }
    }

    /**
     * Memory that can be cut short, to be mapped by the test too.
     *
     * @param huge whether it lies in pages of 2 MiB, which the system must have
     */
    Descriptor cuttable(boolean huge) throws IOException {
        int fd = unsealed(huge);
        return new Descriptor() {
            @Override
            public int number() {
                return fd;
            }

            @Override
            public long map(long offset, long bytes) throws StorageException {
                try (Kernel kernel = Kernel.open()) {
                    long address = kernel.map(bytes, READ_AND_WRITE, SHARED, fd, offset);
                    Mem.register(address, bytes);
                    return address;
                }
            }

            @Override
            public SharedFile file() {
                throw new UnsupportedOperationException();
            }

            @Override
            public void close() {
                OddDescriptors.this.close();
            }
        };
    }

    /** Makes a file so long, and no longer. */
    static void cut(int fd, long bytes) throws IOException {
        check(call(Syscall.FTRUNCATE, fd, bytes, 0));
    }

    private int pipe() throws IOException {
        try (Kernel kernel = Kernel.open()) {
            check(kernel.call(PIPE2, kernel.scratch, CLOEXEC, 0));
            kept(Mem.getInt(kernel.scratch));
            return kept(Mem.getInt(kernel.scratch + Integer.BYTES));
        }
    }

    private int opened(Path path, int flags) throws IOException {
        try (Kernel kernel = Kernel.open()) {
            return kept(kernel.call(Syscall.OPENAT, AT_FDCWD, text(kernel, path.toString()), flags | CLOEXEC));
        }
    }

    private static long text(Kernel kernel, String text) {
        byte[] bytes = (text + "\0").getBytes(StandardCharsets.UTF_8);
        Mem.put(kernel.scratch, bytes, 0, bytes.length);
        return kernel.scratch;
    }

    private static long call(int number, long a, long b, long c) {
        try (Kernel kernel = Kernel.open()) {
            return kernel.call(number, a, b, c);
        }
    }

    private static void check(long result) throws IOException {
        if (result < 0) {
            throw new IOException("error " + -result);
        }
    }

    private int kept(long fd) throws IOException {
        check(fd);
        numbers.add((int) fd);
        return (int) fd;
    }

    @Override
    public void close() {
        numbers.forEach(number -> call(Syscall.CLOSE, number, 0, 0));
        numbers.clear();
        descriptors.forEach(Descriptor::close);
        descriptors.clear();
    }
}
