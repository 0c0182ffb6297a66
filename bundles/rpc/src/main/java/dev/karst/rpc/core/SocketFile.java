package dev.karst.rpc.core;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;

/**
 * A listening unix socket in the file system. It is made in a folder that only we can enter, given its mode there and
 * moved into place, so there is no instant at which others can connect, and a stale socket is replaced in one step. A
 * lock file beside it keeps a second server away; it stays, as removing it would let two servers lock two files of one
 * name.
 */
final class SocketFile implements AutoCloseable {
    /** What sockaddr_un holds, without its final zero. */
    private static final int MAX_PATH_BYTES = 107;
    /** What the path is longer by while the socket is made. */
    private static final int WORK_BYTES = "~/s".length();
    private static final String REMEDY = ", or set socket in dev.karst.rpc.cfg";

    private static final FileAttribute<?> OWNER_ONLY_FOLDER =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<?> OWNER_ONLY =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path path;
    private final FileChannel lock;
    private final ServerSocketChannel channel;
    private final UserPrincipal owner;

    private SocketFile(Path path, FileChannel lock) throws IOException {
        this.path = path;
        this.lock = lock;
        this.channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        this.owner = Files.getOwner(bind());
    }

    /**
     * Listens at a path.
     *
     * @throws IOException with a message for a person: the path is in use, too long, or something else is there
     */
    static SocketFile listen(Path path) throws IOException {
        if (workFolder(path).resolve("s").toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
            throw new IOException("the path of the socket is too long: " + path + "; a unix socket takes "
                + (MAX_PATH_BYTES - WORK_BYTES) + " bytes" + REMEDY);
        }
        if (!Files.isDirectory(path.getParent())) {
            Files.createDirectories(path.getParent(), OWNER_ONLY_FOLDER);
        }
        FileChannel lock = lock(path);
        try {
            checkFree(path);
            return new SocketFile(path, lock);
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    ServerSocketChannel channel() {
        return channel;
    }

    /** The user that this process is, as seen by the file system. */
    UserPrincipal owner() {
        return owner;
    }

    Path path() {
        return path;
    }

    /** Ends listening and takes the socket away. */
    @Override
    public void close() throws IOException {
        try (lock; channel) {
            Files.deleteIfExists(path);
        }
    }

    private static FileChannel lock(Path path) throws IOException {
        Path file = path.resolveSibling(path.getFileName() + ".lock");
        FileChannel lock = FileChannel.open(
            file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS), OWNER_ONLY);
        try {
            if (lock.tryLock() != null) {
                return lock;
            }
        } catch (OverlappingFileLockException e) {
            // this process has it
        }
        lock.close();
        throw inUse(path, "it holds " + file);
    }

    /** Another program than ours may use another kind of lock, so ask at the socket itself. */
    private static void checkFree(Path path) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther()) {
                throw new IOException(path + " is there and is no socket; remove it" + REMEDY);
            } else if (answers(path)) {
                throw inUse(path, "it answers");
            }
        }
    }

    private static boolean answers(Path path) {
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return probe.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static IOException inUse(Path path, String how) {
        return new IOException("another server uses " + path + " (" + how + "); stop it" + REMEDY);
    }

    private static Path workFolder(Path path) {
        return path.resolveSibling(path.getFileName() + "~");
    }

    private Path bind() throws IOException {
        Path folder = workFolder(path);
        Path made = folder.resolve("s");
        try {
            Files.deleteIfExists(made);
            Files.deleteIfExists(folder);
            Files.createDirectory(folder, OWNER_ONLY_FOLDER);
            channel.bind(UnixDomainSocketAddress.of(made));
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
            return Files.move(made, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            channel.close();
            throw e;
        } finally {
            Files.deleteIfExists(folder);
        }
    }
}
