package dev.karst.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MpscQueueTest {
    private static final int PRODUCERS = 4;
    private static final int EACH = 50_000;

    private static final class Item extends MpscQueue.Node {
        private final int producer;
        private final int number;

        Item(int producer, int number) {
            this.producer = producer;
            this.number = number;
        }
    }

    private final MpscQueue<Item> queue = new MpscQueue<>();

    @Test
    void shouldBeFirstInFirstOutWhenReused() {
        Item one = new Item(0, 1);
        Item two = new Item(0, 2);
        for (int round = 0; round < 3; round++) {
            assertTrue(queue.isEmpty());
            queue.push(one);
            queue.push(two);
            assertEquals(one, queue.pop());
            queue.push(one);
            assertEquals(two, queue.pop());
            assertEquals(one, queue.pop());
            assertNull(queue.pop());
        }
    }

    @Test
    void shouldLoseNothingAndKeepEachProducersOrderWhenManyPush() throws InterruptedException {
        List<Thread> producers = new ArrayList<>();
        for (int producer = 0; producer < PRODUCERS; producer++) {
            int self = producer;
            producers.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < EACH; i++) {
                    queue.push(new Item(self, i));
                }
            }));
        }
        int[] expected = new int[PRODUCERS];
        for (int taken = 0; taken < PRODUCERS * EACH; ) {
            Item item = queue.pop();
            if (item == null) {
                Thread.onSpinWait();
                continue;
            }
            assertEquals(expected[item.producer]++, item.number);
            taken++;
        }
        for (Thread producer : producers) {
            producer.join();
        }
        assertTrue(queue.isEmpty());
    }
}
