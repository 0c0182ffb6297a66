package dev.karst.iscsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.reactor.sim.SimWorld;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** A target that another one takes the place of: initiators that come meanwhile wait. */
class HandOverSimTest {
    private static final String OTHER = "iqn.2016-06.io.spdk:disk2";
    private static final int NO_SUCH_NODE = 0x0203;

    /** What a test does. */
    @FunctionalInterface
    private interface Body {
        void run(Bench bench) throws Exception;
    }

    private static void run(Body body) {
        SimWorld.run(1, 10, world -> {
            Bench bench = new Bench(world);
            body.run(bench);
            bench.end();
        });
    }

    private static Pdu request(Initiator initiator, String node) {
        return initiator.login(1, 3, true, "InitiatorName=" + Initiator.NAME, "TargetName=" + node);
    }

    private static void assertSilent(Initiator initiator) {
        assertEquals("nothing came in 100 ms", assertThrows(IOException.class, () -> initiator.receive(100)).getMessage());
    }

    @Test
    void shouldLetInitiatorsWaitWhenTheTargetIsReplaced() {
        run(bench -> {
            bench.node(OTHER, 16);
            try (Initiator before = bench.initiator()) {
                before.loginTo(Bench.NODE);
                bench.close();
                assertTrue(before.isClosedByTarget(100));
            }
            try (Initiator initiator = bench.initiator()) {
                initiator.send(request(initiator, Bench.NODE));
                assertSilent(initiator);
                bench.begin();
                bench.node(OTHER, 16);
                assertSilent(initiator);
                bench.node(Bench.NODE, 16);
                initiator.finish(initiator.receive());
                assertEquals(512, initiator.read(0, 512).length);
            }
        });
    }

    @Test
    void shouldWaitForTheNodesOfAllVersionsBeforeWhenReplacedTwice() {
        run(bench -> {
            bench.close();
            bench.begin();
            bench.close();
            bench.begin();
            try (Initiator initiator = bench.initiator()) {
                initiator.send(request(initiator, Bench.NODE));
                assertSilent(initiator);
                bench.node(Bench.NODE, 16);
                initiator.finish(initiator.receive());
            }
        });
    }

    @Test
    void shouldLetInitiatorsInWhenNodesDoNotComeBack() {
        run(bench -> {
            bench.close();
            bench.begin();
            try (Initiator initiator = bench.initiator()) {
                initiator.send(request(initiator, Bench.NODE));
                assertSilent(initiator);
                assertEquals(NO_SUCH_NODE, initiator.receive((int) HandOver.TIMEOUT_MS).get(36, 2));
            }
        });
    }

    @Test
    void shouldRefuseConnectionsWhenNobodyTakesThePlace() {
        run(bench -> {
            bench.close();
            bench.world.runFor(HandOver.TIMEOUT_MS + 1);
            try (Initiator initiator = bench.initiator()) {
                assertTrue(initiator.isClosedByTarget(100));
            }
            bench.begin();
        });
    }

    @Test
    void shouldListenAnewWhenTheSocketWasNotKept() {
        run(bench -> {
            bench.close();
            bench.world.runFor(HandOver.TIMEOUT_MS + 1);
            bench.begin();
            bench.node(Bench.NODE, 16);
            try (Initiator initiator = bench.initiator()) {
                initiator.loginTo(Bench.NODE);
            }
        });
    }
}
