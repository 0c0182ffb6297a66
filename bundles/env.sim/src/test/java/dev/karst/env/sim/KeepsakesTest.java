package dev.karst.env.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.karst.base.StorageException;
import dev.karst.env.Keepsakes;
import dev.karst.env.Keepsakes.Keepsake;
import dev.karst.env.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeepsakesTest {
    private final SimEnvironment environment = new SimEnvironment(new SimRandom(1), 1);
    private final Keepsakes keepsakes = environment.keepsakes();

    @AfterEach
    void close() {
        environment.close();
    }

    private Keepsake listening(String name, int port) throws StorageException {
        return new Keepsake(name, new byte[10], null, environment.network().listen("127.0.0.1", port, 1));
    }

    private void pass(long millis) {
        long until = environment.clock().nanos() + millis * 1_000_000;
        while (environment.schedule().nextNanos() <= until) {
            environment.clock().advanceTo(environment.schedule().nextNanos());
            environment.schedule().runNext();
        }
        environment.clock().advanceTo(until);
    }

    /** How many of the ports from 4001 to 4003 are listened at. */
    private int open() {
        int open = 0;
        for (int port = 4001; port <= 4003; port++) {
            try {
                environment.network().listen("127.0.0.1", port, 1).close();
            } catch (StorageException e) {
                open++;
            }
        }
        return open;
    }

    @Test
    void shouldGiveOnceWhatWasPutInItsOrder() throws StorageException {
        Keepsake first = listening("a 1", 4001);
        keepsakes.put(first, 100);
        keepsakes.put(listening("b 1", 4002), 100);
        Keepsake second = listening("a 0", 4003);
        keepsakes.put(second, 100);
        assertEquals(List.of(first, second), keepsakes.take("a "));
        assertEquals(List.of(), keepsakes.take("a "));
        assertEquals(1, keepsakes.size());
        pass(200);
        assertEquals(2, open(), "what was taken is not closed, the other is");
    }

    @Test
    void shouldCloseWhenTimeIsUpAndNotBefore() throws StorageException {
        keepsakes.put(listening("a", 4001), 100);
        pass(99);
        assertEquals(1, open());
        pass(1);
        assertEquals(0, open());
        assertEquals(0, keepsakes.size());
    }

    @Test
    void shouldCloseTheOlderWhenANameIsPutAgain() throws StorageException {
        keepsakes.put(listening("a", 4001), 100);
        pass(50);
        Keepsake later = listening("a", 4002);
        keepsakes.put(later, 100);
        assertEquals(1, open());
        pass(60);
        assertSame(later, keepsakes.take("a").getFirst());
    }

    @Test
    void shouldRefuseWhenThereAreTooManyBytes() throws StorageException {
        ServerSocket socket = listening("a", 4001).server();
        byte[] half = new byte[(int) (Keepsakes.MOST_BYTES / 2)];
        keepsakes.put(new Keepsake("one", half, null, null), 100);
        keepsakes.put(new Keepsake("two", half, null, null), 100);
        assertThrows(StorageException.class, () -> keepsakes.put(new Keepsake("three", half, null, socket), 100));
        assertEquals(1, open(), "what was refused is its owner's");
        pass(100);
        keepsakes.put(new Keepsake("three", half, null, socket), 100);
        keepsakes.close("");
        assertEquals(0, open());
    }
}
