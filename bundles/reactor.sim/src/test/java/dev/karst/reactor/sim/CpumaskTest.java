package dev.karst.reactor.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.reactor.Cpumask;
import dev.karst.reactor.Reactor;
import java.util.List;
import org.junit.jupiter.api.Test;

class CpumaskTest {
    private static void assertNames(String mask, Integer... numbers) {
        try (SimWorld world = new SimWorld(1, 4)) {
            List<Reactor> found = Cpumask.among(world.reactors().all(), mask);
            assertEquals(List.of(numbers), found.stream().map(Reactor::id).toList(), mask);
        }
    }

    @Test
    void shouldNameReactorsWhenTheirBitsAreSet() {
        assertNames("0x1", 0);
        assertNames("A", 1, 3);
        assertNames("0Xff", 0, 1, 2, 3);
        assertNames("[0,2-3]", 0, 2, 3);
        assertNames("[2-900]", 2, 3);
    }

    @Test
    void shouldNameNoneWhenItIsNoMaskOrOneOfOthers() {
        for (String mask : List.of("", "0x", "0", "0x10", "[4]", "[", "[0-]", "0-3", "xyz", "[3-2]")) {
            assertNames(mask);
        }
    }

    @Test
    void shouldSayReactorsAsAMask() {
        try (SimWorld world = new SimWorld(1, 4)) {
            assertEquals("0xf", Cpumask.of(world.reactors().all()));
            assertEquals("0x4", Cpumask.of(world.reactors().all().subList(2, 3)));
        }
    }
}
