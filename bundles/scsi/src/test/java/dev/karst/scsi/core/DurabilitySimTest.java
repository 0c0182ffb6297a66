package dev.karst.scsi.core;

import static dev.karst.scsi.core.FakeInitiator.cdb;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.env.sim.CrashState;
import dev.karst.env.sim.PowerCut;
import dev.karst.env.sim.WriteRecorder;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.scsi.core.FakeInitiator.Wish;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The power is cut at every instant that matters: what was written with FUA, through a cache that is switched off, or before a
 * SYNCHRONIZE CACHE or a stop of the unit is there once that was answered.
 */
class DurabilitySimTest {
    private static final Path FILE = Path.of("/data/Disk");
    private static final int SEEDS = 8;
    private static final int WRITES = 60;
    private static final int BLOCKS = 16;
    /** MODE SELECT (6) of the caching page without WCE, and with it. */
    private static final String CACHE_OFF = "00000000 0812 00" + "00".repeat(17);
    private static final String CACHE_ON = "00000000 0812 04" + "00".repeat(17);

    /** What must be there at the least, by block: each write has a higher number. */
    private final List<int[]> floors = new ArrayList<>();
    private final int[] written = new int[BLOCKS];
    private int number;
    private long states;

    private static void modes(FakeInitiator one, String page) throws Exception {
        byte[] list = HexFormat.of().parseHex(page.replace(" ", ""));
        assertTrue(one.execute(cdb(String.format("15 10 00 00 %02x 00", list.length)).sending(list)).isGood());
    }

    private void write(FakeInitiator one, String command) throws Exception {
        int block = number % 7 * 5 % BLOCKS;
        byte[] data = ByteBuffer.allocate(512).putInt(++number).putInt(508, number).array();
        Wish wish = cdb(String.format("%s 00 00 00 %02x 00 00 01 00", command, block)).sending(data);
        assertTrue(one.execute(wish).isGood());
        written[block] = number;
    }

    private void durable(WriteRecorder recorder) {
        floors.add(written.clone());
        recorder.mark(floors.size() - 1);
    }

    private void cutEverywhere(SimWorld world) throws Exception {
        floors.clear();
        Arrays.fill(written, 0);
        number = 0;
        var stage = new Stage(world);
        stage.file("Disk", 1);
        stage.device.addUnit(0, "Disk");
        FakeInitiator one = stage.initiator("iqn.host:one").ready(0);
        WriteRecorder recorder = world.environment().files().record();
        for (int i = 0; i < WRITES; i++) {
            switch (world.random().below(6)) {
                case 0 -> {
                    write(one, "2a 08");
                    durable(recorder);
                }
                case 1 -> {
                    assertTrue(one.execute("35", 0).isGood());
                    durable(recorder);
                }
                case 2 -> {
                    modes(one, CACHE_OFF);
                    write(one, "2a 00");
                    durable(recorder);
                    modes(one, CACHE_ON);
                }
                case 3 -> {
                    assertTrue(one.execute("1b 00 00 00 00 00", 0).isGood());
                    durable(recorder);
                }
                default -> write(one, "2a 00");
            }
        }
        one.close();
        stage.close();
        states += new PowerCut(recorder, world.random(), 40)
            .checkAll(state -> check(state, (int) recorder.markAt(state.instant()))).distinct();
    }

    private void check(CrashState state, int mark) {
        for (int block = 0; block < BLOCKS; block++) {
            ByteBuffer found = ByteBuffer.wrap(state.files().get(FILE).read(block * 512L, 512));
            assertEquals(found.getInt(0), found.getInt(508), "a torn block");
            int least = mark < 0 ? 0 : floors.get(mark)[block];
            assertTrue(found.getInt(0) >= least, "block " + block + " has write " + found.getInt(0) + " and not " + least);
        }
    }

    @Test
    void shouldHoldWhatWasSaidToBeDurableWhenPowerIsCut() {
        SimWorld.run(1, SEEDS, 1, this::cutEverywhere);
        assertTrue(states > 50L * SEEDS || Long.getLong("karst.sim.seed") != null, states + " states are too few to tell");
    }

    @Test
    void shouldFailWhenTheDiskLiesAboutSync() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            long now = seed;
            assertThrows(AssertionError.class, () -> SimWorld.run(now, 1, 1, world -> {
                world.faults().lyingSync = true;
                cutEverywhere(world);
            }), "seed " + seed);
        }
    }
}
