package dev.karst.env.linux.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.MemoryBlocks;
import dev.karst.env.Readiness;
import dev.karst.env.Region;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.env.linux.event.EpollEventSet;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import dev.karst.env.unix.Descriptor;
import dev.karst.env.unix.SharedFile;
import dev.karst.env.unix.Signal;
import dev.karst.env.unix.UnixServer;
import dev.karst.env.unix.UnixSocket;
import dev.karst.env.unix.UnixSockets;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class UnixSocketsTest {
    private static final long TIMEOUT_MS = 5_000;
    private static final int[] NONE = {};
    private static final int LARGE = 4 << 20;
    private static final int HERE = -100;
    private static final int READ_AND_WRITE = 2;
    private static final int STREAM = 0x80001;
    private static final int F_SETFL = 4;

    private final LinuxEnvironment environment = new LinuxEnvironment(64L << 20, false, true);
    private final UnixSockets sockets = environment.unixSockets();
    private final List<Descriptor> received = new ArrayList<>();

    @TempDir
    private Path folder;
    private Path path;
    private UnixServer server;
    private UnixSocket client;
    private UnixSocket peer;
    private Region memory;

    @BeforeEach
    void connect() throws StorageException {
        path = folder.resolve("socket");
        server = sockets.listen(path);
        client = sockets.connect(path);
        peer = server.accept(TIMEOUT_MS);
        memory = environment.memory().allocate("test", LARGE);
    }

    @AfterEach
    void close() {
        received.forEach(Descriptor::close);
        client.close();
        peer.close();
        server.close();
        environment.memory().free(memory);
        environment.close();
    }

    private static void assertErrno(int errno, Executable call) {
        assertEquals(-errno, assertThrows(StorageException.class, call).code());
    }

    private void pass(int... descriptors) throws StorageException {
        client.send(memory.address(), 1, descriptors, TIMEOUT_MS);
        peer.receive(memory.address(), 1, received, TIMEOUT_MS);
    }

    @Test
    void shouldBeOpenToItsUserOnlyWhenItListens() throws Exception {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    }

    @Test
    void shouldHaveNoThreadLeftWhenNobodyWaitsAnyMore() throws Exception {
        assertErrno(Errno.ETIMEDOUT, () -> peer.receive(memory.address(), 1, received, 10));
        assertTrue(hasWaitingThread());
        for (int waited = 0; hasWaitingThread(); waited += 100) {
            assertTrue(waited < 20_000, "the thread does not end");
            TimeUnit.MILLISECONDS.sleep(100);
        }
        assertErrno(Errno.ETIMEDOUT, () -> peer.receive(memory.address(), 1, received, 10));
        assertTrue(hasWaitingThread());
    }

    private static boolean hasWaitingThread() {
        return Thread.getAllStackTraces().keySet().stream().anyMatch(thread -> thread.getName().equals("karst-unix-sockets"));
    }

    @Test
    void shouldReceiveWhatWasSentWhenItIsMoreThanTheSocketHolds() throws Exception {
        Region other = environment.memory().allocate("test", LARGE);
        for (int at = 0; at < LARGE; at += Long.BYTES) {
            Mem.setLong(memory.address() + at, at * 31L);
        }
        var sending = CompletableFuture.runAsync(() -> {
            try {
                client.send(memory.address(), LARGE, NONE, TIMEOUT_MS);
            } catch (StorageException e) {
                throw new AssertionError(e);
            }
        });
        peer.receive(other.address(), LARGE, received, TIMEOUT_MS);
        sending.get();
        for (int at = 0; at < LARGE; at += Long.BYTES) {
            assertEquals(at * 31L, Mem.getLong(other.address() + at));
        }
        environment.memory().free(other);
    }

    @Test
    void shouldShareMemoryWhenItsDescriptorWasPassed() throws Exception {
        List<MemoryBlocks.Block> blocks = new ArrayList<>();
        environment.memory().watch(blocks::add);
        MemoryBlocks.Block block = blocks.getFirst();
        pass(block.descriptor());
        long other = received.getFirst().map(0, block.bytes());
        Mem.setLong(memory.address(), 4711);
        assertEquals(4711, Mem.getLong(other + memory.address() - block.address()));
    }

    @Test
    void shouldRefuseToMapWhenTheFileIsShorterOrNone() throws Exception {
        List<MemoryBlocks.Block> blocks = new ArrayList<>();
        environment.memory().watch(blocks::add);
        Signal signal = sockets.signal();
        pass(blocks.getFirst().descriptor(), signal.descriptor());
        long bytes = blocks.getFirst().bytes();
        Descriptor file = received.getFirst();
        assertErrno(Errno.EINVAL, () -> file.map(0, bytes + 4096));
        assertErrno(Errno.EINVAL, () -> file.map(bytes, 4096));
        assertErrno(Errno.EINVAL, () -> file.map(4096, Long.MAX_VALUE & -4096));
        assertErrno(Errno.EINVAL, () -> file.map(-4096, 8192));
        assertErrno(Errno.EINVAL, () -> file.map(1, 4096));
        assertErrno(Errno.EINVAL, () -> file.map(0, 0));
        assertErrno(Errno.EINVAL, () -> received.get(1).map(0, 4096));
        file.close();
        assertErrno(Errno.EBADF, () -> file.map(0, 4096));
        signal.close();
    }

    @Test
    void shouldFailButLiveWhenTheFileIsMadeShorterLater() throws Exception {
        Path path = Files.write(folder.resolve("file"), new byte[8192]);
        try (Kernel kernel = Kernel.open()) {
            byte[] name = (path + "\0").getBytes(StandardCharsets.UTF_8);
            Mem.put(kernel.scratch, name, 0, name.length);
            int fd = (int) kernel.call(Syscall.OPENAT, HERE, kernel.scratch, READ_AND_WRITE);
            pass(fd);
            kernel.close(fd);
        }
        long address = received.getFirst().map(0, 8192);
        assertEquals(0, Mem.getLong(address + 4096));
        Files.write(path, new byte[4096]);
        assertThrows(InternalError.class, () -> Mem.getLong(address + 4096));
        assertEquals(0, Mem.getLong(address));
    }

    @Test
    void shouldSayThatThePeerHasEndedWhenItHas() throws Exception {
        assertFalse(client.awaitEnd(20));
        peer.close();
        assertTrue(client.awaitEnd(TIMEOUT_MS));
        client.close();
        assertTrue(client.awaitEnd(TIMEOUT_MS));
    }

    @Test
    void shouldTellTheOtherSideEachTimeWhenASignalIsRaised() throws Exception {
        Signal signal = sockets.signal();
        pass(signal.descriptor());
        Signal there = sockets.signal(received.removeFirst());
        var events = new EpollEventSet();
        int[] told = {0};
        signal.watch(events, new Readiness() {
            @Override
            public void readable() {
                told[0]++;
            }
        });
        events.poll(0);
        assertEquals(0, told[0]);
        for (int times = 1; times < 4; times++) {
            there.raise();
            events.poll(TimeUnit.SECONDS.toNanos(5));
            events.poll(0);
            assertEquals(times, told[0]);
        }
        signal.unwatch();
        there.raise();
        events.poll(0);
        assertEquals(3, told[0]);
        there.close();
        signal.close();
        events.close();
    }

    @Test
    void shouldRefuseASignalWhenTheDescriptorIsNone() throws Exception {
        List<MemoryBlocks.Block> blocks = new ArrayList<>();
        environment.memory().watch(blocks::add);
        pass(blocks.getFirst().descriptor());
        assertErrno(Errno.EINVAL, () -> sockets.signal(received.getFirst()));
    }

    @Test
    void shouldPassAsManyDescriptorsAsMayGoAndRefuseMore() throws Exception {
        Signal signal = sockets.signal();
        int[] most = new int[UnixSocket.MOST_DESCRIPTORS];
        java.util.Arrays.fill(most, signal.descriptor());
        pass(most);
        assertEquals(most.length, received.size());
        assertErrno(Errno.EINVAL, () -> pass(new int[UnixSocket.MOST_DESCRIPTORS + 1]));
        signal.close();
    }

    /** Each byte may bring as many as may go at once. */
    @Test
    void shouldRefuseDescriptorsThatComeOneAfterTheOtherWhenTheyAreTooMany() throws Exception {
        Signal signal = sockets.signal();
        int[] half = new int[UnixSocket.MOST_DESCRIPTORS / 2 + 1];
        java.util.Arrays.fill(half, signal.descriptor());
        for (int i = 0; i < 8; i++) {
            client.send(memory.address(), 1, half, TIMEOUT_MS);
        }
        assertErrno(Errno.EPROTO, () -> peer.receive(memory.address(), 8, received, TIMEOUT_MS));
        assertTrue(received.size() <= 2 * half.length, received.size() + " descriptors are held");
        signal.close();
    }

    /** What another process has too it can make wait in the kernel, at any time. */
    @Test
    void shouldNotWaitInTheKernelWhenTheOtherProcessLetsADescriptorBlock() throws Exception {
        try (Kernel kernel = Kernel.open()) {
            int theirs = (int) kernel.call(Syscall.SOCKET, UnixAddress.AF_UNIX, STREAM, 0);
            assertEquals(0, kernel.call(Syscall.CONNECT, theirs, kernel.scratch, UnixAddress.of(path).write(kernel.scratch)));
            UnixSocket end = server.accept(TIMEOUT_MS);
            Signal signal = sockets.signal();
            pass(theirs, signal.descriptor());
            UnixSocket ours = sockets.socket(received.removeFirst());
            Signal there = sockets.signal(received.removeFirst());
            kernel.call(Syscall.FCNTL, theirs, F_SETFL, 0);
            kernel.call(Syscall.FCNTL, signal.descriptor(), F_SETFL, 0);
            assertTimeoutPreemptively(Duration.ofSeconds(5), () -> {
                assertErrno(Errno.ETIMEDOUT, () -> ours.receive(memory.address(), 1, received, 20));
                assertErrno(Errno.ETIMEDOUT, () -> ours.send(memory.address(), LARGE, NONE, 20));
            });
            Mem.setLong(kernel.scratch, -2);
            assertEquals(Long.BYTES, kernel.call(Syscall.WRITE, signal.descriptor(), kernel.scratch, Long.BYTES));
            assertTimeoutPreemptively(Duration.ofSeconds(5), there::raise);
            there.close();
            signal.close();
            ours.close();
            end.close();
            kernel.close(theirs);
        }
    }

    @Test
    void shouldFailWhenThePeerIsGone() {
        peer.close();
        assertErrno(Errno.ECONNRESET, () -> client.receive(memory.address(), 1, received, TIMEOUT_MS));
        assertErrno(Errno.EPIPE, () -> client.send(memory.address(), 1, NONE, TIMEOUT_MS));
    }

    @Test
    void shouldTimeOutWhenNothingComesOrNobodyReads() {
        assertErrno(Errno.ETIMEDOUT, () -> client.receive(memory.address(), 1, received, 20));
        assertErrno(Errno.ETIMEDOUT, () -> client.send(memory.address(), LARGE, NONE, 20));
        assertErrno(Errno.ETIMEDOUT, () -> server.accept(20));
    }

    @Test
    void shouldEndTheWaitWhenItIsShutDown() {
        CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS).execute(client::shutdown);
        assertErrno(Errno.ECONNRESET, () -> client.receive(memory.address(), 1, received, TIMEOUT_MS));
        CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS).execute(server::close);
        assertErrno(Errno.ECANCELED, () -> server.accept(TIMEOUT_MS));
        assertFalse(Files.exists(path));
    }

    @Test
    void shouldListenOnlyWhereNobodyDoes() throws Exception {
        assertErrno(Errno.EADDRINUSE, () -> sockets.listen(path));
        Path file = Files.writeString(folder.resolve("file"), "precious");
        assertErrno(Errno.EADDRINUSE, () -> sockets.listen(file));
        assertTrue(Files.exists(file));
        assertErrno(Errno.ENOENT, () -> sockets.listen(folder.resolve("missing/socket")));
    }

    @Test
    void shouldListenWhereAProcessLeftItsSocket() throws Exception {
        Path left = folder.resolve("left");
        try (var channel = java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            channel.bind(java.net.UnixDomainSocketAddress.of(left));
        }
        assertTrue(Files.exists(left));
        sockets.listen(left).close();
    }

    @Test
    void shouldSayWhyWhenItCannotConnect() {
        assertErrno(Errno.ENOENT, () -> sockets.connect(folder.resolve("missing")));
        assertErrno(Errno.ENAMETOOLONG, () -> sockets.connect(folder.resolve("x".repeat(108))));
    }

    @Test
    void shouldBeSealedMemoryWhenItIsMade() throws StorageException {
        Descriptor made = sockets.createMemory("test", LARGE);
        received.add(made);
        assertEquals(new SharedFile(LARGE, true, true, 4096), made.file());
    }

    @Test
    void shouldBeNoMemoryWhenItIsASocketOrAFile() throws Exception {
        Path file = Files.write(folder.resolve("file"), new byte[4096]);
        try (Kernel kernel = Kernel.open()) {
            byte[] name = (file + "\0").getBytes(StandardCharsets.UTF_8);
            Mem.put(kernel.scratch, name, 0, name.length);
            int fd = (int) kernel.call(Syscall.OPENAT, HERE, kernel.scratch, READ_AND_WRITE);
            pass(fd);
            kernel.close(fd);
        }
        assertFalse(received.getFirst().file().isMemory());
    }

    @Test
    void shouldShowZerosAndUseAddressesAgainWhenMappingWasGivenBack() throws StorageException {
        Descriptor made = sockets.createMemory("test", LARGE);
        received.add(made);
        long address = made.map(0, LARGE);
        Mem.setLong(address, 7);
        sockets.unmap(address, LARGE);
        assertFalse(Mem.isRegistered(address, 1));
        Mem.register(address, LARGE);
        assertEquals(0, Mem.getLong(address));
        Mem.unregister(address);
        long again = made.map(0, LARGE);
        assertEquals(address, again);
        assertEquals(7, Mem.getLong(again));
        sockets.unmap(again, LARGE);
    }
}
