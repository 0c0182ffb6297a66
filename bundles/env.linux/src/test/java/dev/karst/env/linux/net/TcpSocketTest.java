package dev.karst.env.linux.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.EventSet;
import dev.karst.env.Readiness;
import dev.karst.env.ServerSocket;
import dev.karst.env.StreamSocket;
import dev.karst.env.kit.Allocation;
import dev.karst.env.kit.Waiting;
import dev.karst.env.linux.LinuxEnvironment;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class TcpSocketTest {
    private final Environment environment = new LinuxEnvironment();
    private Pair pair;
    private StreamSocket client;
    private StreamSocket accepted;

    @BeforeEach
    void open() throws StorageException {
        pair = Pair.open(environment);
        client = pair.client();
        accepted = pair.accepted();
    }

    @AfterEach
    void close() {
        pair.close();
    }

    @Test
    void shouldReadWhatThePeerWrote() throws StorageException {
        assertEquals(5, pair.write(client, "hello"));
        assertEquals("hello", pair.read(accepted));
        assertEquals(3, pair.write(accepted, "you"));
        assertEquals("you", pair.read(client));
    }

    @Test
    void shouldSayAgainWhenNothingArrived() {
        assertEquals(StreamSocket.AGAIN, pair.readRaw(accepted));
    }

    @Test
    void shouldNameBothEndsAlike() {
        assertEquals(client.local(), accepted.peer());
        assertEquals(client.peer(), accepted.local());
        assertTrue(client.local().startsWith("127.0.0.1:"));
    }

    @Test
    void shouldReadToTheEndAndGoOnWritingWhenThePeerShutItsOutput() throws StorageException {
        pair.write(client, "last");
        client.shutdownOutput();
        assertEquals("last", pair.read(accepted));
        assertEquals("", pair.read(accepted));
        assertEquals(4, pair.write(accepted, "more"));
        assertEquals("more", pair.read(client));
    }

    @Test
    void shouldEndAtBothEndsWhenShutFromOutside() throws StorageException {
        accepted.shutdown();
        assertEquals("", pair.read(client));
        assertEquals("", pair.read(accepted));
        accepted.close();
        accepted.shutdown();
        assertEquals(-Errno.EBADF, pair.readRaw(accepted));
    }

    @Test
    void shouldReadAResetWhenThePeerClosedWithUnreadData() throws StorageException {
        pair.write(client, "unread");
        Pair.untilReadable(environment, accepted);
        accepted.close();
        assertEquals("error " + -Errno.ECONNRESET, pair.read(client));
    }

    @Test
    void shouldReadWhatComesLaterAndTheEndWhenAReadFoundLessThanItAskedFor() throws StorageException {
        EventSet events = environment.openEventSet();
        var told = new int[1];
        accepted.watch(events, new Readiness() {
            @Override
            public void readable() {
                told[0]++;
            }
        });
        for (int i = 1; i <= 100; i++) {
            pair.write(client, "some");
            untilTold(events, told, i);
            assertEquals(4, pair.readRaw(accepted));
            assertEquals(StreamSocket.AGAIN, pair.readRaw(accepted));
        }
        client.shutdownOutput();
        untilTold(events, told, 101);
        assertEquals(0, pair.readRaw(accepted));
        events.close();
    }

    @Test
    void shouldReadWhatWasNotToldYetWhenItIsExpected() throws StorageException {
        EventSet events = environment.openEventSet();
        var told = new int[1];
        accepted.watch(events, new Readiness() {
            @Override
            public void readable() {
                told[0]++;
            }
        });
        pair.send("some");
        untilTold(events, told, 1);
        assertEquals(4, pair.readRaw(accepted));
        pair.send("more");
        assertEquals(StreamSocket.AGAIN, pair.readRaw(accepted), "asked before it was told");
        int count = StreamSocket.AGAIN;
        while (count == StreamSocket.AGAIN) {
            accepted.expect();
            count = pair.readRaw(accepted);
        }
        assertEquals(4, count);
        events.close();
    }

    @Test
    void shouldReadTheEndWhenItCameWithTheLastBytes() throws StorageException {
        pair.write(client, "last");
        client.shutdownOutput();
        EventSet events = environment.openEventSet();
        var told = new int[1];
        // Not asked before both have come, so there is one event for the two.
        Pair.untilReadable(environment, accepted);
        accepted.watch(events, new Readiness() {
            @Override
            public void readable() {
                told[0]++;
            }
        });
        untilTold(events, told, 1);
        assertEquals(4, pair.readRaw(accepted));
        assertEquals(0, pair.readRaw(accepted));
        events.close();
    }

    private static void untilTold(EventSet events, int[] told, int times) {
        while (told[0] < times) {
            events.poll(1_000_000);
        }
    }

    @Test
    void shouldGiveBrokenPipeWhenThePeerIsGone() throws StorageException {
        shouldReadAResetWhenThePeerClosedWithUnreadData();
        assertEquals(-Errno.EPIPE, pair.write(client, "x"));
    }

    @Test
    void shouldGiveBadDescriptorWhenClosed() {
        client.close();
        assertEquals(-Errno.EBADF, pair.readRaw(client));
        assertEquals(-Errno.EBADF, pair.write(client, "x"));
        client.shutdownOutput();
        client.close();
    }

    @Test
    void shouldTellWritableWhenTheWindowOpensAgain() throws StorageException {
        var data = new IoVector(1);
        data.set(pair.memory().address(), 1 << 20);
        var writable = new int[1];
        EventSet events = environment.openEventSet();
        client.watch(events, new Readiness() {
            @Override
            public void readable() {}

            @Override
            public void writable() {
                writable[0]++;
            }
        });
        events.poll(0);
        assertEquals(1, writable[0], "told once at first");
        long sent = fillWindow(data);
        assertEquals(0, events.poll(0));
        while (writable[0] == 1) {
            sent -= Math.max(0, pair.readRaw(accepted));
            events.poll(1000);
        }
        assertEquals(2, writable[0]);
        assertTrue(client.write(data, 0) > 0);
        assertTrue(sent >= 0);
        events.close();
    }

    private long fillWindow(IoVector data) {
        long sent = 0;
        int written = client.write(data, 0);
        while (written > 0) {
            sent += written;
            written = client.write(data, 0);
        }
        assertEquals(StreamSocket.AGAIN, written);
        return sent;
    }

    @Test
    void shouldNotTellWritableAgainWhenNoWriteWasRefused() throws StorageException {
        var writable = new int[1];
        EventSet events = environment.openEventSet();
        accepted.watch(events, new Readiness() {
            @Override
            public void readable() {}

            @Override
            public void writable() {
                writable[0]++;
            }
        });
        events.poll(0);
        pair.send("a");
        pair.send("b");
        while (Waiting.sleep(environment, events) == 0) {
            assertEquals(1, writable[0]);
        }
        assertEquals(1, writable[0]);
        events.close();
    }

    @Test
    void shouldWriteFromTheOffsetOnWhenTheVectorIsLong() throws StorageException {
        int pairs = 100;
        var data = new IoVector(pairs);
        for (int i = 0; i < pairs; i++) {
            Mem.fill(pair.memory().address() + 10L * i, 10, (byte) ('!' + i % 90));
            data.add(pair.memory().address() + 10L * i, 10);
        }
        StringBuilder received = new StringBuilder();
        long offset = 25;
        while (offset < data.bytes()) {
            int written = client.write(data, offset);
            assertTrue(written > 0);
            offset += written;
            received.append(pair.read(accepted));
        }
        StringBuilder expected = new StringBuilder();
        for (int i = 25; i < pairs * 10; i++) {
            expected.append((char) ('!' + i / 10 % 90));
        }
        assertEquals(expected.toString(), received.toString());
    }

    @Test
    void shouldWriteNothingWhenTheOffsetIsAtTheEnd() {
        var data = new IoVector(1);
        data.set(pair.memory().address(), 10);
        assertEquals(0, client.write(data, 10));
    }

    @Test
    void shouldTellTheRefusalAtTheFirstReadWhenNobodyListens() throws StorageException {
        ServerSocket server = environment.network().listen("127.0.0.1", 0, 1);
        int port = server.port();
        server.close();
        StreamSocket refused = environment.network().connect("127.0.0.1", port);
        Pair.untilReadable(environment, refused);
        assertEquals(-Errno.ECONNREFUSED, pair.readRaw(refused));
        refused.close();
    }

    @Test
    void shouldAllocateNothingWhenWarm() {
        var data = new IoVector(2);
        data.add(pair.memory().address(), 72);
        data.add(pair.memory().address() + 4096, 512);
        Allocation.assertNoneOnceWarm(() -> {
            for (int i = 0; i < 5000; i++) {
                client.write(data, 0);
                pair.readRaw(accepted);
                pair.readRaw(accepted);
            }
        });
    }
}
