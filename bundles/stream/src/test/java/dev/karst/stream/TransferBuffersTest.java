package dev.karst.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.env.sim.SimEnvironment;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TransferBuffersTest {
    private static final int SMALL = 4096;
    private static final int LARGE = 65_536;

    private final BufferShare one = new BufferShare();
    private final BufferShare other = new BufferShare();
    private final List<String> granted = new ArrayList<>();
    private SimWorld world;
    private TransferBuffers buffers;

    @BeforeEach
    void make() throws Exception {
        world = new SimWorld(1, 1);
        SimEnvironment environment = world.environment();
        buffers = new TransferBuffers(environment.memory(), new TransferBuffers.Sizes("test", 4, SMALL, 4, LARGE));
    }

    @AfterEach
    void close() {
        assertTrue(buffers.isWhole(), "buffers are out");
        buffers.close();
        assertEquals(0, world.environment().memory().regions().size());
        world.close();
    }

    private BufferWait waiting(BufferShare share, String name, int bytes) {
        BufferWait wait = new BufferWait() {
            @Override
            protected void granted(long buffer) {
                granted.add(name);
                buffers.give(share, buffer);
            }
        };
        wait.bytes = bytes;
        buffers.await(share, wait);
        return wait;
    }

    @Test
    void shouldLeaveSomeForOthersWhenOneTakesAll() {
        long first = buffers.take(one, LARGE);
        long second = buffers.take(one, LARGE);
        assertNotEquals(0, first);
        assertNotEquals(0, second);
        assertEquals(0, buffers.take(one, LARGE), "holds as many as are left for the others");
        long others = buffers.take(other, LARGE);
        assertNotEquals(0, others);
        assertEquals(3, buffers.largeInUse());
        buffers.give(one, first);
        buffers.give(one, second);
        buffers.give(other, others);
    }

    @Test
    void shouldServeInTurnWhenSeveralWait() {
        List<Long> held = List.of(buffers.take(one, LARGE), buffers.take(one, LARGE));
        long others = buffers.take(other, LARGE);
        waiting(one, "one, first", LARGE);
        waiting(one, "one, second", SMALL);
        waiting(other, "other", LARGE);
        assertEquals(0, buffers.take(one, SMALL), "nobody overtakes those of its own that wait");
        held.forEach(buffer -> buffers.give(one, buffer));
        buffers.give(other, others);
        assertEquals(List.of("one, first", "one, second", "other"), granted.stream().sorted().toList());
        assertTrue(granted.indexOf("one, first") < granted.indexOf("one, second"), granted::toString);
    }

    @Test
    void shouldForgetWhoDoesNotWaitAnyMore() {
        List<Long> held = List.of(buffers.take(one, LARGE), buffers.take(one, LARGE));
        BufferWait first = waiting(one, "first", LARGE);
        waiting(one, "second", LARGE);
        waiting(one, "third", LARGE);
        buffers.cancel(one, first);
        buffers.give(one, held.get(0));
        assertEquals(List.of("second", "third"), granted);
        waiting(one, "fourth", LARGE);
        buffers.give(one, held.get(1));
        assertEquals(List.of("second", "third", "fourth"), granted);
    }

    @Test
    void shouldForgetAllOfAConnectionWhenItEnds() {
        List<Long> held = List.of(buffers.take(one, LARGE), buffers.take(one, LARGE));
        waiting(one, "never", LARGE);
        buffers.cancel(one);
        held.forEach(buffer -> buffers.give(one, buffer));
        assertEquals(List.of(), granted);
    }

    @Test
    void shouldTakeLargeOnesWhenSmallOnesAreOut() {
        List<Long> held = new ArrayList<>();
        for (long taken = buffers.take(one, SMALL); taken != 0; taken = buffers.take(one, SMALL)) {
            held.add(taken);
        }
        assertEquals(2, buffers.smallInUse());
        held.forEach(buffer -> buffers.give(one, buffer));
    }
}
