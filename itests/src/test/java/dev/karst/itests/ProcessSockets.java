package dev.karst.itests;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The sockets of a process to which others can connect or send, as the kernel tells. Linux's proc(5). */
final class ProcessSockets {
    private static final String LISTENING = "0A";
    private static final long ACCEPTS = 0x10000;
    private static final String STREAM = "0001";

    private final Path process;
    private final Set<String> own = new HashSet<>();

    private ProcessSockets(long pid) throws IOException {
        process = Path.of("/proc", Long.toString(pid));
        try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
            for (Path descriptor : descriptors.toList()) {
                addTarget(descriptor);
            }
        }
    }

    private void addTarget(Path descriptor) throws IOException {
        try {
            own.add(Files.readSymbolicLink(descriptor).toString());
        } catch (NoSuchFileException e) {
            // closed meanwhile
        }
    }

    /** Each as its kind and address, such as {@code tcp 127.0.0.1:4420} or {@code unix /run/s}. */
    static Set<String> of(long pid) throws IOException {
        ProcessSockets sockets = new ProcessSockets(pid);
        Set<String> found = new TreeSet<>();
        for (String table : List.of("tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6")) {
            sockets.addFromInternet(table, found);
        }
        sockets.addUnix(found);
        return found;
    }

    private List<String[]> rows(String table) throws IOException {
        Path file = process.resolve("net").resolve(table);
        return Files.exists(file)
            ? Files.readAllLines(file).stream().skip(1).map(line -> line.strip().split("\\s+")).toList() : List.of();
    }

    private boolean isOwn(String inode) {
        return own.contains("socket:[" + inode + "]");
    }

    /** A connected socket of TCP is nobody else's; the others are open to all. */
    private void addFromInternet(String table, Set<String> found) throws IOException {
        String kind = table.replace("6", "");
        for (String[] row : rows(table)) {
            if (isOwn(row[9]) && (!kind.equals("tcp") || row[3].equals(LISTENING))) {
                found.add(kind + " " + address(row[1]));
            }
        }
    }

    /** The kernel writes words of four bytes as the machine's numbers. */
    private static String address(String text) throws IOException {
        String[] parts = text.split(":");
        byte[] bytes = new byte[parts[0].length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            int at = 2 * (i / 4 * 4 + 3 - i % 4);
            bytes[i] = (byte) Integer.parseInt(parts[0].substring(at, at + 2), 16);
        }
        return InetAddress.getByAddress(bytes).getHostAddress() + ":" + Integer.parseInt(parts[1], 16);
    }

    /** Those that were given an address, but for the server's ends of connections. */
    private void addUnix(Set<String> found) throws IOException {
        for (String[] row : rows("unix")) {
            boolean open = !row[4].equals(STREAM) || (Long.parseLong(row[3], 16) & ACCEPTS) != 0;
            if (row.length > 7 && open && isOwn(row[6])) {
                found.add("unix " + row[7]);
            }
        }
    }
}
