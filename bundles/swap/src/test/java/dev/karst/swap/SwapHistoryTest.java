package dev.karst.swap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.bdev.module.ModuleHandOver.Moved;
import dev.karst.bdev.module.ModuleHandOver.Outcome;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is told of replacements. */
class SwapHistoryTest {
    private final SwapHistory history = new SwapHistory();

    private Swap add(String module) {
        Swap swap = new Swap(1000, module, "b." + module, "1.0.0");
        history.add(swap);
        return swap;
    }

    @Test
    void shouldKeepLatestWhenThereAreMany() {
        for (int i = 0; i < SwapHistory.KEPT + 3; i++) {
            add("m" + i);
        }
        Swap last = add("last");
        List<Map<String, Object>> all = history.json();
        assertEquals(SwapHistory.KEPT, all.size());
        assertEquals("m4", all.getFirst().get("module"));
        assertEquals(4L, all.getFirst().get("id"));
        assertEquals((long) SwapHistory.KEPT + 3, all.getLast().get("id"));
        assertEquals(all.getLast().get("id"), history.idOf(last));
    }

    @Test
    void shouldAddUpPhasesAndTakeLongestPauseWhenMovedTwice() {
        Swap swap = add("malloc");
        swap.kind(Swap.Kind.PLANNED);
        swap.to("1.1.0");
        swap.took("installed", 1_000);
        swap.moved(new Moved(List.of("a", "b"), 4_000, 6_000, 9_000));
        swap.moved(new Moved(List.of("a", "b"), 1_000, 2_000, 3_000));
        assertEquals("running", history.json().getFirst().get("outcome"));
        swap.ended(Outcome.SWAPPED, null);
        Map<String, Object> json = history.json().getFirst();
        assertEquals(Map.of("installed", 1L, "drained", 5L, "attached", 8L), json.get("phases_us"));
        assertEquals(9L, json.get("longest_pause_us"));
        assertEquals("swapped", json.get("outcome"));
        assertEquals("swap: module malloc (b.malloc 1.0.0 to 1.1.0, planned): swapped, 2 block devices, longest pause 9 us",
            swap.toString());
        swap.ended(Outcome.ROLLED_BACK, "it threw");
        assertEquals("it threw", history.json().getFirst().get("reason"));
    }
}
