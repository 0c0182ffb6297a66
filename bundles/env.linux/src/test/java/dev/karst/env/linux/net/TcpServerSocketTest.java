package dev.karst.env.linux.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.EventSet;
import dev.karst.env.Readiness;
import dev.karst.env.ServerSocket;
import dev.karst.env.StreamSocket;
import dev.karst.env.kit.Waiting;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class TcpServerSocketTest {
    private static final int PRLIMIT64 = Syscall.number(302, 261);
    private static final int RLIMIT_NOFILE = 7;

    private final Environment environment = new LinuxEnvironment();

    private ServerSocket listen(String address) throws StorageException {
        return environment.network().listen(address, 0, 16);
    }

    @Test
    void shouldSayThePortWhenAnyWasAskedFor() throws StorageException {
        ServerSocket server = listen("127.0.0.1");
        assertNotEquals(0, server.port());
        assertEquals("127.0.0.1", server.address());
        server.close();
    }

    @Test
    void shouldAcceptWhenTheAddressIsIpv6() throws StorageException {
        ServerSocket server = listen("::1");
        assertEquals("::1", server.address());
        StreamSocket client = environment.network().connect("::1", server.port());
        StreamSocket accepted = Pair.accept(environment, server);
        assertEquals("[::1]:" + server.port(), accepted.local());
        assertEquals(client.local(), accepted.peer());
        client.close();
        accepted.close();
        server.close();
    }

    @Test
    void shouldAcceptThroughTheDuplicateWhenTheOtherIsClosed() throws StorageException {
        ServerSocket server = listen("127.0.0.1");
        ServerSocket second = server.duplicate();
        assertEquals(server.port(), second.port());
        server.close();
        StreamSocket client = environment.network().connect("127.0.0.1", second.port());
        Pair.accept(environment, second).close();
        client.close();
        second.close();
    }

    @Test
    void shouldAcceptNothingWhenNobodyConnected() throws StorageException {
        ServerSocket server = listen("127.0.0.1");
        assertNull(server.accept());
        server.close();
    }

    @Test
    void shouldTellAgainWhenTheConnectionWasNotAccepted() throws StorageException {
        ServerSocket server = listen("127.0.0.1");
        StreamSocket client = environment.network().connect("127.0.0.1", server.port());
        EventSet events = environment.openEventSet();
        var told = new int[1];
        server.watch(events, counting(told));
        while (told[0] < 3) {
            Waiting.sleep(environment, events);
        }
        StreamSocket accepted = server.accept();
        assertNotNull(accepted);
        assertEquals(0, events.poll(0));
        accepted.close();
        client.close();
        server.close();
        events.close();
    }

    private static Readiness counting(int[] told) {
        return new Readiness() {
            @Override
            public void readable() {
                told[0]++;
            }
        };
    }

    @Test
    void shouldNameAddressAndRemedyWhenThePortIsTaken() throws StorageException {
        ServerSocket server = listen("127.0.0.1");
        var e = assertThrows(StorageException.class,
            () -> environment.network().listen("127.0.0.1", server.port(), 1));
        assertEquals(-Errno.EADDRINUSE, e.code());
        assertEquals("cannot listen on 127.0.0.1:" + server.port()
            + ": Address already in use; take another port, or end what listens there", e.getMessage());
        server.close();
    }

    @Test
    void shouldRefuseWhenTheAddressIsNotOfThisMachine() {
        var e = assertThrows(StorageException.class, () -> listen("192.0.2.1"));
        assertEquals(-Errno.EADDRNOTAVAIL, e.code());
    }

    @Test
    void shouldRefuseWhenTheAddressIsNotNumeric() {
        for (String name : new String[] {"localhost", "", "1", "1.2.3", "1.2.3.256", "::g", "1.2.3.4:5"}) {
            var e = assertThrows(StorageException.class, () -> listen(name), name);
            assertEquals(-Errno.EINVAL, e.code());
            assertTrue(e.getMessage().contains("'" + name + "'"), e.getMessage());
        }
        assertThrows(StorageException.class, () -> environment.network().listen("127.0.0.1", 65536, 1));
    }

    @Test
    void shouldListenOnBothFamiliesWhenThePortIsTheSame() throws StorageException {
        ServerSocket four = listen("0.0.0.0");
        ServerSocket six = environment.network().listen("::", four.port(), 1);
        assertEquals(four.port(), six.port());
        four.close();
        six.close();
    }

    @Test
    void shouldConnectFromTheLocalAddressThatWasChosen() throws StorageException {
        var server = (TcpServerSocket) listen("127.0.0.1");
        StreamSocket client = environment.network().connect("127.0.0.1", server.port(), "127.0.0.9");
        StreamSocket accepted = Pair.accept(environment, server);
        assertTrue(accepted.peer().startsWith("127.0.0.9:"), accepted.peer());
        accepted.close();
        client.close();
        var none = assertThrows(StorageException.class, () -> environment.network().connect("127.0.0.1", server.port(), "192.0.2.1"));
        assertEquals(-Errno.EADDRNOTAVAIL, none.code());
        server.close();
    }

    /** Loading a class needs a descriptor, so all that runs below the limit has run before. */
    @Test
    void shouldResetTheConnectionAndNotSpinWhenNoDescriptorIsLeft() throws StorageException {
        var server = (TcpServerSocket) listen("127.0.0.1");
        EventSet events = environment.openEventSet();
        server.watch(events, counting(new int[1]));
        try (Kernel kernel = Kernel.open()) {
            assertEquals(Errno.ECONNRESET, turnAway(server, events, kernel));
            assertEquals(Errno.ECONNRESET, turnAway(server, events, kernel));
        }
        assertEquals(2, server.refused());
        StreamSocket client = environment.network().connect("127.0.0.1", server.port());
        StreamSocket accepted = Pair.accept(environment, server);
        accepted.close();
        client.close();
        server.close();
        events.close();
    }

    private int turnAway(TcpServerSocket server, EventSet events, Kernel kernel) throws StorageException {
        StreamSocket client = environment.network().connect("127.0.0.1", server.port());
        int told = 0;
        while (told == 0) {
            told = Waiting.sleep(environment, events);
        }
        long limit = kernel.scratch + 512;
        kernel.call(PRLIMIT64, 0, RLIMIT_NOFILE, 0, limit, 0);
        long soft = Mem.getLong(limit);
        setLimit(kernel, limit, lowestFree(kernel));
        StreamSocket accepted = server.accept();
        int again = events.poll(0);
        setLimit(kernel, limit, soft);
        assertNull(accepted);
        assertEquals(0, again);
        try (Kernel scratch = Kernel.open()) {
            int result = client.read(scratch.scratch, 1);
            client.close();
            return -result;
        }
    }

    private static void setLimit(Kernel kernel, long limit, long soft) {
        Mem.setLong(limit, soft);
        assertEquals(0, kernel.call(PRLIMIT64, 0, RLIMIT_NOFILE, limit, 0, 0));
    }

    private static long lowestFree(Kernel kernel) {
        int fd = (int) kernel.call(Syscall.EPOLL_CREATE1, 0, 0, 0);
        kernel.close(fd);
        return fd;
    }
}
