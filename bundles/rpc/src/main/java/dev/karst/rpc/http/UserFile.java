package dev.karst.rpc.http;

import dev.karst.rpc.RpcMethod.Role;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The users of HTTP in a file of lines {@code name role password}, the password as {@link Password} keeps it. */
final class UserFile {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Set<PosixFilePermission> OF_OTHERS = EnumSet.complementOf(EnumSet.of(
        PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
    private static final FileAttribute<?> OWNER_ONLY =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path path;

    /** A user: what he may do, and the password as it is kept. */
    record User(Role role, String kept) {}

    UserFile(Path path) {
        this.path = path;
    }

    Path path() {
        return path;
    }

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /**
     * The users by name; none when there is no file.
     *
     * @throws IOException with a message for a person: the file is open to others, or a line is not a user
     */
    SequencedMap<String, User> read() throws IOException {
        SequencedMap<String, User> users = new LinkedHashMap<>();
        if (!Files.exists(path)) {
            return users;
        }
        checkOwned();
        int number = 0;
        for (String line : Files.readAllLines(path)) {
            number++;
            if (!line.isBlank() && !line.startsWith("#")) {
                add(line.strip().split("\\s+"), users, number);
            }
        }
        return users;
    }

    private void add(String[] words, Map<String, User> users, int number) throws IOException {
        boolean right = words.length == 3 && isName(words[0]) && isRole(words[1]) && Password.isKept(words[2]);
        if (!right || users.containsKey(words[0])) {
            throw new IOException(path + ", line " + number + ": expected name, role (viewer, operator or admin) and a password"
                + " as karst_rpc_set_user writes it, each name once");
        }
        users.put(words[0], new User(Role.valueOf(words[1].toUpperCase(Locale.ROOT)), words[2]));
    }

    private static boolean isRole(String text) {
        for (Role role : Role.values()) {
            if (role.name().equals(text.toUpperCase(Locale.ROOT))) {
                return true;
            }
        }
        return false;
    }

    /** Whoever could write there could make himself an admin. */
    private void checkOwned() throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
        UserPrincipal owner = Files.getOwner(path);
        UserPrincipal own = Files.getOwner(Path.of("/proc/self"));
        if (permissions.stream().anyMatch(OF_OTHERS::contains)) {
            throw new IOException(path + " has mode " + PosixFilePermissions.toString(permissions)
                + " and must have rw-------; chmod 600 " + path);
        } else if (!owner.equals(own)) {
            throw new IOException(path + " belongs to " + owner.getName() + " and must belong to " + own.getName());
        }
    }

    /** Puts these users in the place of those before, in one step. */
    void write(Map<String, User> users) throws IOException {
        String text = users.entrySet().stream()
            .map(user -> user.getKey() + " " + roleWord(user.getValue().role()) + " " + user.getValue().kept() + "\n")
            .collect(Collectors.joining());
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        Files.createDirectories(path.getParent());
        Files.deleteIfExists(fresh);
        try (FileChannel channel = FileChannel.open(
            fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY)) {
            for (ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)); bytes.hasRemaining(); ) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
    }

    static String roleWord(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }
}
