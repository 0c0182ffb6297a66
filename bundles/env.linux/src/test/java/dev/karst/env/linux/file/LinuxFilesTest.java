package dev.karst.env.linux.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.DataFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxFilesTest {
    private static final long GIB = 1L << 30;

    private final LinuxFiles files = new LinuxFiles();

    @TempDir
    Path folder;

    @TempDir(factory = InMemory.class)
    Path inMemory;

    @Test
    void shouldMakeASparseFileWhenCreated() throws Exception {
        Path path = folder.resolve("disk.img");
        files.create(path, 10 * GIB);
        DataFile file = files.open(path, false);
        assertEquals(10 * GIB, file.size());
        assertEquals(path, file.path());
        assertFalse(file.readOnly());
        file.close();
        assertEquals(List.of(path), list());
    }

    @Test
    void shouldFindDataAndHolesWhenAsked() throws Exception {
        Path path = inMemory.resolve("disk.img");
        files.create(path, GIB);
        try (var access = new RandomAccessFile(path.toFile(), "rw")) {
            access.seek(1 << 20);
            access.write(new byte[65536]);
        }
        DataFile file = files.open(path, true);
        assertTrue(file.seeks());
        assertEquals(0, file.seek(0, true));
        assertEquals(1 << 20, file.seek(0, false));
        assertEquals((1 << 20) + 65536, file.seek(1 << 20, true));
        assertEquals(GIB, file.seek(GIB / 2, false), "nothing more is there");
        file.close();
    }

    private List<Path> list() throws IOException {
        try (var entries = Files.list(folder)) {
            return entries.toList();
        }
    }

    @Test
    void shouldLetOnlyTheOwnerReadWhenCreated() throws Exception {
        Path path = folder.resolve("disk.img");
        files.create(path, 1);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    }

    @Test
    void shouldLeaveWhatIsThereAloneWhenTheNameIsTaken() throws Exception {
        Path path = folder.resolve("disk.img");
        Files.writeString(path, "mine");
        var e = assertThrows(StorageException.class, () -> files.create(path, GIB));
        assertEquals(-Errno.EEXIST, e.code());
        assertEquals("cannot create " + path + ": File exists; take another name, or remove what is there",
            e.getMessage());
        assertEquals("mine", Files.readString(path));
        assertEquals(List.of(path), list());
    }

    @Test
    void shouldLeaveNothingBehindWhenTheFileWouldBeTooLong() throws Exception {
        var e = assertThrows(StorageException.class, () -> files.create(folder.resolve("disk.img"), Long.MAX_VALUE));
        assertEquals(-Errno.EFBIG, e.code());
        assertEquals(List.of(), list());
    }

    @Test
    void shouldRefuseWhenTheFolderIsMissing() {
        var e = assertThrows(StorageException.class, () -> files.create(folder.resolve("no/disk.img"), 1));
        assertEquals(-Errno.ENOENT, e.code());
        assertTrue(e.getMessage().contains("each folder on it must be there"), e.getMessage());
    }

    @Test
    void shouldRefuseWhenTheLengthIsNegative() {
        assertEquals(-Errno.EINVAL,
            assertThrows(StorageException.class, () -> files.create(folder.resolve("disk.img"), -1)).code());
    }

    @Test
    void shouldNameThePathWhenThereIsNoFile() {
        Path path = folder.resolve("none");
        var e = assertThrows(StorageException.class, () -> files.open(path, true));
        assertEquals(-Errno.ENOENT, e.code());
        assertTrue(e.getMessage().startsWith("cannot open " + path + ": No such file or directory; "), e.getMessage());
    }

    @Test
    void shouldRefuseWhenThePathIsAFolder() {
        var e = assertThrows(StorageException.class, () -> files.open(folder, true));
        assertEquals(-Errno.EISDIR, e.code());
    }

    @Test
    void shouldRefuseWhenThePathIsACharacterDevice() {
        var e = assertThrows(StorageException.class, () -> files.open(Path.of("/dev/null"), false));
        assertEquals(-Errno.EINVAL, e.code());
        assertEquals("cannot open /dev/null: it is neither a regular file nor a block device", e.getMessage());
    }

    @Test
    void shouldFollowALinkWhenOpening() throws Exception {
        Path path = folder.resolve("disk.img");
        files.create(path, 4096);
        Path link = Files.createSymbolicLink(folder.resolve("link"), path);
        DataFile file = files.open(link, true);
        assertEquals(4096, file.size());
        assertTrue(file.readOnly());
        assertFalse(file.punches());
        file.close();
    }

    @Test
    void shouldHaveTheSameIdentityWhenOpenedByAnotherName() throws Exception {
        files.create(folder.resolve("one"), 4096);
        files.create(folder.resolve("two"), 4096);
        Files.createSymbolicLink(folder.resolve("link"), folder.resolve("one"));
        Files.createLink(folder.resolve("hard"), folder.resolve("one"));
        Object identity = identity("one");
        assertEquals(identity, identity("link"));
        assertEquals(identity, identity("hard"));
        assertNotEquals(identity, identity("two"));
    }

    private Object identity(String name) throws StorageException {
        DataFile file = files.open(folder.resolve(name), true);
        file.close();
        return file.identity();
    }

    @Test
    void shouldOpenAFileWhoseNameIsNotAscii() throws Exception {
        Path path = folder.resolve("Größe-数.img");
        files.create(path, 512);
        assertTrue(Files.exists(path));
        files.open(path, false).close();
    }

    @Test
    void shouldSayWhatDirectAccessNeedsWhenTheFileSystemHasIt() throws Exception {
        for (Path place : List.of(folder, inMemory)) {
            Path path = place.resolve("disk.img");
            files.create(path, GIB);
            DataFile file = files.open(path, false);
            assertEquals(file.direct(), file.alignment() > 1);
            assertEquals(1, Integer.bitCount(file.alignment()));
            assertTrue(file.alignment() <= 4096);
            file.close();
        }
    }

    @Test
    void shouldNotSayDirectWhenTheFileLivesInMemory() throws Exception {
        Path path = inMemory.resolve("disk.img");
        files.create(path, 1 << 20);
        DataFile file = files.open(path, false);
        assertFalse(file.direct());
        assertEquals(1, file.alignment());
        assertTrue(file.punches());
        file.close();
    }

    @Test
    void shouldSayWhetherThereIsSomething() throws Exception {
        assertFalse(files.exists(folder.resolve("x")));
        files.create(folder.resolve("x"), 0);
        assertTrue(files.exists(folder.resolve("x")));
    }

    @Test
    void shouldReadWhatWasWrittenWhenASmallFileIsReplaced() throws Exception {
        Path path = folder.resolve("small");
        byte[] large = new byte[100_000];
        new java.util.SplittableRandom(1).nextBytes(large);
        for (byte[] content : List.of(large, new byte[0], new byte[] {1, 2, 3})) {
            files.replace(path, content);
            assertArrayEquals(content, files.read(path, 100_000));
        }
        assertEquals(List.of(path), list());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    }

    @Test
    void shouldChangeOnlyThatPartWhenASmallFileIsOverwritten() throws Exception {
        Path path = folder.resolve("small");
        files.replace(path, new byte[1000]);
        files.writeAt(path, 600, new byte[] {1, 2, 3});
        files.writeAt(path, 999, new byte[] {4, 5});
        files.sync(path);
        byte[] held = files.read(path, 1001);
        assertEquals(1001, held.length);
        assertArrayEquals(new byte[] {0, 1, 2, 3, 0}, Arrays.copyOfRange(held, 599, 604));
        assertArrayEquals(new byte[] {0, 4, 5}, Arrays.copyOfRange(held, 998, 1001));
        Path none = folder.resolve("none");
        assertEquals(-Errno.ENOENT, assertThrows(StorageException.class, () -> files.writeAt(none, 0, new byte[1])).code());
    }

    @Test
    void shouldRefuseToReadWhenASmallFileIsNone() throws Exception {
        Path path = folder.resolve("small");
        files.replace(path, new byte[11]);
        assertEquals(-Errno.EFBIG, assertThrows(StorageException.class, () -> files.read(path, 10)).code());
        assertEquals(-Errno.EISDIR, assertThrows(StorageException.class, () -> files.read(folder, 10)).code());
        assertEquals(-Errno.ENOENT,
            assertThrows(StorageException.class, () -> files.read(folder.resolve("no"), 10)).code());
    }

    @Test
    void shouldKeepWhatIsThereWhenItCannotBeReplaced() throws Exception {
        Path path = folder.resolve("folder");
        Files.createDirectory(path);
        var e = assertThrows(StorageException.class, () -> files.replace(path, new byte[1]));
        assertEquals(-Errno.EISDIR, e.code());
        assertTrue(Files.isDirectory(path));
        assertEquals(-Errno.ENOENT,
            assertThrows(StorageException.class, () -> files.replace(folder.resolve("no/small"), new byte[1])).code());
    }
}
