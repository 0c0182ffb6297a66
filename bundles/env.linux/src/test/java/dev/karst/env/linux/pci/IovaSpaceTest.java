package dev.karst.env.linux.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.env.DmaMap;
import dev.karst.env.linux.pci.IovaSpace.Range;
import java.util.List;
import org.junit.jupiter.api.Test;

class IovaSpaceTest {
    private static final long MIB = 1 << 20;
    private static final Range BELOW = new Range(0, 0xfedf_ffffL);

    private static IovaSpace ofWidth(int bits) {
        return new IovaSpace(List.of(BELOW, new Range(0xfef0_0000L, (1L << bits) - 1)));
    }

    @Test
    void shouldTakeTheAddressItselfWhenTheIommuIsWideEnough() {
        assertEquals(0x7f12_3440_0000L, ofWidth(48).take(0x7f12_3440_0000L, 2 * MIB));
    }

    @Test
    void shouldCutTheAddressWhenTheIommuIsNarrow() {
        assertEquals(0x12_3440_0000L, ofWidth(39).take(0x7f12_3440_0000L, 2 * MIB));
    }

    @Test
    void shouldTakeTheFirstPlaceWhenTheCutAddressIsTaken() {
        IovaSpace space = ofWidth(39);
        space.take(0x7f12_3440_0000L, 4 * MIB);
        assertEquals(2 * MIB, space.take(0x7e92_3460_0000L, 2 * MIB));
        assertEquals(4 * MIB, space.take(0x7e92_3460_0000L, 6 * MIB));
    }

    @Test
    void shouldKeepOffTheWindowOfInterruptsWhenTheCutAddressLiesThere() {
        IovaSpace space = ofWidth(39);
        assertEquals(2 * MIB, space.take(0x7f00_fee0_0000L & -(2 * MIB), 2 * MIB));
        assertEquals(4 * MIB, space.take(0x7f80_fec0_0000L, 4 * MIB));
    }

    @Test
    void shouldTakeBehindTheWindowWhenTheFirstRangeIsFull() {
        var space = new IovaSpace(List.of(new Range(0, 4 * MIB - 1), new Range(9 * MIB, 14 * MIB - 1)));
        assertEquals(2 * MIB, space.take(0, 2 * MIB) + 2 * MIB);
        assertEquals(2 * MIB, space.take(0, 2 * MIB));
        assertEquals(10 * MIB, space.take(0, 4 * MIB));
        assertEquals(DmaMap.NONE, space.take(0, 2 * MIB));
    }

    @Test
    void shouldTakeThePlaceAgainWhenItWasReleased() {
        var space = new IovaSpace(List.of(new Range(0, 4 * MIB - 1)));
        space.release(space.take(2 * MIB, 2 * MIB));
        assertEquals(2 * MIB, space.take(2 * MIB, 2 * MIB));
    }

    @Test
    void shouldHaveNoPlaceWhenTheBlockIsLargerThanAll() {
        assertEquals(DmaMap.NONE, ofWidth(39).take(0x7f12_3440_0000L, 1L << 39));
    }

    @Test
    void shouldTakeTheAddressItselfWhenAllOf64BitsIsAllowed() {
        assertEquals(0x7f12_3440_0000L, new IovaSpace(List.of(new Range(0, -1))).take(0x7f12_3440_0000L, 2 * MIB));
    }
}
