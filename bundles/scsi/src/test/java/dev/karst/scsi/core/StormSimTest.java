package dev.karst.scsi.core;

import static dev.karst.scsi.core.FakeInitiator.cdb;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.bdev.BdevChannel;
import dev.karst.env.sim.SimRandom;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.scsi.ScsiNexus.Management;
import dev.karst.scsi.ScsiTask;
import dev.karst.scsi.core.FakeInitiator.Answer;
import dev.karst.scsi.core.FakeInitiator.Pending;
import dev.karst.scsi.core.FakeInitiator.Wish;
import dev.karst.spec.scsi.ScsiStatus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * Random commands, right and wrong, from several initiators on several reactors, while tasks are aborted, units are reset, come
 * and go and change their size, nexuses end, and units are reserved. {@link FakeInitiator} holds the device to one return of each
 * task; a task management function that has ended must leave no task of its kind; and each initiator reads back what it wrote to
 * blocks of its own.
 */
class StormSimTest {
    private static final int ROUNDS = 150;
    private static final int SEEDS = 40;
    private static final int INITIATORS = 3;
    private static final int BLOCKS = 256;
    /** The logical unit on which each initiator has blocks of its own. */
    private static final int SLOW = 1;

    /** An initiator and what it knows of its blocks. */
    private static final class Storming {
        private final FakeInitiator initiator;
        private final int first;
        private final List<Pending> pending = new ArrayList<>();
        /** By block what was written last and answered; 0 for not known. */
        private final byte[] known = new byte[8];

        Storming(FakeInitiator initiator, int number) {
            this.initiator = initiator;
            first = BLOCKS - 8 * (number + 1);
        }
    }

    private final List<Storming> all = new ArrayList<>();
    private long answered;
    private long managed;
    private long compared;
    private long wrong;

    private static Wish noise(SimRandom random) {
        byte[] bytes = new byte[16];
        random.bytes(bytes);
        var wish = new Wish(Arrays.copyOf(bytes, FakeInitiator.CDB_BYTES));
        wish.lun = random.oneIn(3) ? random.nextLong() : (long) random.below(3) << 48;
        return random.oneIn(2) ? wish.taking(random.below(2048)) : wish.sending(new byte[random.below(2048)]);
    }

    private static Wish command(SimRandom random) {
        int block = random.below(200);
        int count = random.below(6);
        byte[] data = new byte[count * 512];
        random.bytes(data);
        String range = String.format("00 00 00 00 %02x 00 00 %02x 00", block, count);
        String wide = String.format("00 00 00 00 00 00 00 00 %02x 00 00 00 %02x 00 00", block, count);
        return switch (random.below(14)) {
            case 0, 1, 2 -> cdb("28 " + range).taking(random.oneIn(5) ? random.below(3000) : count * 512);
            case 3, 4 -> cdb("2a " + range).sending(data);
            case 5 -> cdb("2e 02" + range.substring(2)).sending(data);
            case 6 -> cdb("8b " + wide).sending(data);
            case 7 -> cdb("2f 02" + range.substring(2)).sending(data);
            case 8 -> cdb("41 " + range).sending(Arrays.copyOf(data, 512));
            case 9 -> cdb("42 00 00 00 00 00 00 00 18 00").sending(new byte[] {
                0, 22, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) block, 0, 0, 0, (byte) count, 0, 0, 0, 0});
            case 10 -> cdb(random.oneIn(2) ? "35" : "00");
            case 11 -> cdb(random.oneIn(3) ? "16" : "17");
            case 12 -> cdb(String.format("5f %02x %02x 00 00 00 00 00 18 00", random.below(7), 1 + random.below(8))).sending(
                new byte[] {0, 0, 0, 0, 0, 0, 0, (byte) random.below(3), 0, 0, 0, 0, 0, 0, 0, (byte) random.below(3),
                    0, 0, 0, 0, (byte) (random.oneIn(6) ? 1 : 0), 0, 0, 0});
            default -> noise(random);
        };
    }

    private static Wish random(SimRandom random) {
        Wish wish = command(random);
        int[] attributes = {
            ScsiTask.SIMPLE, ScsiTask.SIMPLE, ScsiTask.SIMPLE, ScsiTask.ORDERED, ScsiTask.HEAD_OF_QUEUE, ScsiTask.ACA};
        wish.attribute = attributes[random.below(random.oneIn(9) ? 6 : 5)];
        return wish.lun == 0 ? wish.to(random.below(3)) : wish;
    }

    private void open(Stage stage, int number) throws Exception {
        all.add(new Storming(stage.initiator("iqn.host:" + number, stage.world.reactors().next()), number));
    }

    /** Reads one of the initiator's own blocks back, or writes it. */
    private void own(SimWorld world, Storming storming) {
        int which = world.random().below(8);
        String range = String.format("00 00 00 00 %02x 00 00 01 00", storming.first + which);
        if (storming.known[which] == 0 || world.random().oneIn(2)) {
            byte value = (byte) (1 + world.random().below(250));
            byte[] data = new byte[512];
            Arrays.fill(data, value);
            storming.known[which] = 0;
            Pending write = storming.initiator.begin(cdb("2a " + range).to(SLOW).as(ScsiTask.ORDERED).sending(data));
            storming.pending.add(write);
            write.answer.thenAccept(answer -> storming.known[which] = answer != null && answer.isGood() ? value : 0);
        } else {
            byte expected = storming.known[which];
            Pending read = storming.initiator.begin(cdb("28 " + range).to(SLOW).as(ScsiTask.ORDERED).taking(512));
            storming.pending.add(read);
            read.answer.thenAccept(answer -> {
                if (answer != null && answer.isGood() && storming.known[which] == expected) {
                    compared++;
                    wrong += answer.data()[0] == expected && answer.data()[511] == expected ? 0 : 1;
                }
            });
        }
    }

    private void step(Stage stage) throws Exception {
        SimRandom random = stage.world.random();
        Storming storming = all.get(random.below(all.size()));
        storming.pending.removeIf(pending -> pending.answer.isDone());
        switch (random.below(30)) {
            case 0 -> manage(stage, storming);
            case 1 -> {
                int number = all.indexOf(storming);
                storming.initiator.close();
                all.set(number, null);
                all.set(number, new Storming(stage.initiator("iqn.host:" + number, stage.world.reactors().next()), number));
            }
            case 2 -> change(stage, random);
            default -> {
                for (int i = random.below(6); i >= 0 && storming.pending.size() < FakeInitiator.TASKS - 2; i--) {
                    if (random.oneIn(3)) {
                        own(stage.world, storming);
                    } else {
                        storming.initiator.takesView = random.oneIn(2);
                        storming.pending.add(storming.initiator.begin(random(random)));
                    }
                }
            }
        }
        stage.world.runFor(random.below(2));
        assertEquals(0, wrong, "blocks that do not hold what was written to them");
    }

    /** When it has ended none of its tasks is left that was there when it began. */
    private void manage(Stage stage, Storming storming) throws Exception {
        SimRandom random = stage.world.random();
        Management function = Management.values()[random.below(Management.values().length)];
        int lun = random.below(3);
        Pending one = storming.pending.isEmpty() ? null : storming.pending.get(random.below(storming.pending.size()));
        List<CompletableFuture<Answer>> before = new ArrayList<>();
        boolean isReset = function == Management.TARGET_RESET;
        if (isReset) {
            storming.pending.forEach(pending -> before.add(pending.answer));
        }
        stage.world.get(storming.initiator.manage(function, lun, one));
        managed++;
        assertTrue(before.stream().allMatch(CompletableFuture::isDone), function + " left a task");
    }

    private void change(Stage stage, SimRandom random) throws Exception {
        switch (random.below(3)) {
            case 0 -> {
                if (stage.device.units().stream().anyMatch(unit -> unit.lun() == 2)) {
                    stage.device.removeUnit(2);
                } else {
                    stage.device.addUnit(2, "Other");
                }
            }
            case 1 -> stage.module.resize("Other", 100 + random.below(156));
            default -> {
                String name = "Passing" + managed + answered;
                stage.module.create(name, 16, false, random.oneIn(2));
                stage.device.addUnit(-1, name);
                stage.module.remove(name);
                stage.world.until(() -> stage.device.units().stream().noneMatch(unit -> unit.bdev().equals(name)));
            }
        }
    }

    private void storm(SimWorld world, int lostOneIn) throws Exception {
        all.clear();
        var stage = new Stage(world);
        stage.create("Malloc0", Stage.BLOCKS);
        stage.module.create("Slow", BLOCKS, false, true);
        stage.module.create("Other", 256, false, false);
        stage.module.usualNanos = world.random().oneIn(4) ? 0 : 1 + world.random().below(200_000);
        stage.module.refuseOneIn = new int[] {0, 0, 2, 3, 5}[world.random().below(5)];
        stage.module.lostOneIn = lostOneIn;
        stage.device.addUnit(0, "Malloc0");
        stage.device.addUnit(SLOW, "Slow");
        for (int i = 0; i < INITIATORS; i++) {
            open(stage, i);
        }
        for (int round = 0; round < ROUNDS; round++) {
            step(stage);
        }
        for (Storming storming : all) {
            for (Pending pending : storming.pending) {
                world.get(pending.answer);
                answered++;
            }
            storming.initiator.close();
        }
        FakeInitiator last = stage.initiator("iqn.host:last");
        for (int i = 0; i < 8; i++) {
            Answer answer = last.execute(cdb("28 00 00 00 00 00 00 00 01 00").taking(100));
            assertTrue(answer.isGood() || answer.key() == 6 || answer.status() == ScsiStatus.RESERVATION_CONFLICT, answer.text());
        }
        last.close();
        stage.close();
    }

    @Test
    void shouldReturnEachTaskOnceWhateverHappens() {
        long strays = BdevChannel.strayCompletions();
        SimWorld.run(1, SEEDS, world -> storm(world, 0));
        assertEquals(strays, BdevChannel.strayCompletions());
        assertTrue(managed > 2L * SEEDS && compared > 10L * SEEDS || Long.getLong("karst.sim.seed") != null,
            managed + " functions and " + compared + " comparisons are too few to tell");
    }

    @Test
    void shouldNoticeWhenWritesAreLost() {
        assertThrows(AssertionError.class, () -> SimWorld.run(1, SEEDS, world -> storm(world, 3)));
    }

    /** What a reset of everything does while the device ends. */
    @Test
    void shouldEndWhenDeviceEndsUnderCommands() {
        Stage.with((stage, one) -> {
            stage.module.usualNanos = 300_000;
            List<Pending> pending = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                pending.add(one.begin(cdb("28 00 00 00 00 00 00 00 04 00").to(i % 2).taking(2048)));
            }
            stage.world.runFor(0);
            stage.device.close();
            for (Pending each : pending) {
                assertTrue(stage.world.get(each.answer) != null);
            }
            assertEquals("5/25/00", one.execute("00", 0).text());
            assertThrows(StorageException.class, () -> stage.device.addUnit(0, "Malloc0"));
        });
    }
}
