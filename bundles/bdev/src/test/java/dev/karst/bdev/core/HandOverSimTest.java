package dev.karst.bdev.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.Bdev.State;
import dev.karst.bdev.IoType;
import dev.karst.bdev.core.notice.Notices;
import dev.karst.bdev.module.Geometry;
import dev.karst.bdev.module.ModuleHandOver.Moved;
import dev.karst.bdev.module.ModuleHandOver.Outcome;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Devices that move between two versions of a module that are there at once, while I/O is in flight. */
class HandOverSimTest {
    private static final IoType[] ALL =
        {IoType.READ, IoType.READ, IoType.WRITE, IoType.WRITE, IoType.FLUSH, IoType.UNMAP, IoType.WRITE_ZEROES,
            IoType.COMPARE, IoType.COMPARE_AND_WRITE, IoType.COPY, IoType.VERIFY};

    private static Geometry disk(String name, int blockSize) {
        return Geometry.of(name, name.equals("disk") ? Bench.DISK_UUID : new UUID(8, name.hashCode()), "Scripted disk",
            blockSize, Bench.BLOCKS);
    }

    private static ScriptedModule add(Bench bench) {
        ScriptedModule next = bench.newModule();
        bench.layer.addModule(next);
        return next;
    }

    /** Which version has each device. */
    private static List<Object> owners(Bench bench) {
        return bench.layer.all().stream().map(bdev -> (Object) ((CoreBdev) bdev).host().module()).toList();
    }

    private static boolean allOnline(Bench bench) {
        return bench.layer.all().stream().map(Bdev::state).allMatch(State.ONLINE::equals);
    }

    @Test
    void shouldEndEachOnceWithoutErrorWhenMovedToAndFroUnderLoad() {
        SimWorld.run(1, 150, world -> {
            var bench = new Bench(world);
            bench.script.refuseOneIn = bench.random.oneIn(3) ? 0 : 2 + bench.random.below(4);
            bench.script.depth = bench.random.oneIn(2) ? 1 + bench.random.below(4) : 1000;
            bench.disk(bench.randomDisk()).load(400, ALL);
            for (int i = 0; i < 6 && !bench.allDone(); i++) {
                world.runFor(bench.random.below(3));
                ScriptedModule next = add(bench);
                Moved moved = bench.layer.handOver().handOver(bench.module, next);
                assertEquals(List.of("disk"), moved.bdevs());
                assertTrue(moved.longestPauseNanos() <= moved.drainNanos() + moved.attachNanos());
                assertEquals(List.of(next), owners(bench));
                bench.layer.removeModule(bench.module);
                assertEquals(List.of("disk parked"), bench.module.destroyed);
                bench.module = next;
            }
            world.until(bench::allDone);
            assertEquals(0, bench.loads.stream().mapToInt(load -> load.failed).sum());
            bench.end();
        });
    }

    @Test
    void shouldLeaveAllWithTheOldWhenOneDoesNotFit() {
        SimWorld.run(300, 80, world -> {
            var bench = new Bench(world).disk(disk("disk", 512));
            for (String name : List.of("other", "bad", "last")) {
                bench.module.create(disk(name, 512));
            }
            bench.load(200, ALL);
            world.runFor(bench.random.below(3));
            ScriptedModule next = add(bench);
            next.restoreAs.put("bad", disk("bad", 4096));
            var failure = assertThrows(StorageException.class, () -> bench.layer.handOver().handOver(bench.module, next));
            assertEquals("Invalid argument: the block device bad had the block size 512 and would have 4096", failure.getMessage());
            ScriptedModule old = bench.module;
            assertEquals(List.of(old, old, old, old), owners(bench));
            assertTrue(allOnline(bench));
            assertEquals(List.of("disk parked", "other parked", "bad parked"), old.destroyed);
            assertEquals(List.of("other parked", "disk parked"), next.destroyed);
            bench.layer.removeModule(next);
            world.until(bench::allDone);
            assertEquals(0, bench.loads.stream().mapToInt(load -> load.failed).sum());
            bench.end();
        });
    }

    @Test
    void shouldLeaveAllWithTheOldWhenTheNewThrowsOrRegistersNothing() {
        SimWorld.run(400, 40, world -> {
            var bench = new Bench(world).disk(disk("disk", 512)).load(100, ALL);
            ScriptedModule next = add(bench);
            boolean quiet = bench.random.oneIn(2);
            next.whenRestored = () -> {
                if (!quiet) {
                    throw new IllegalStateException("worn out");
                }
            };
            var failure = assertThrows(StorageException.class, () -> bench.layer.handOver().handOver(bench.module, next));
            assertEquals("Input/output error: the module scripted " + (quiet ? "registered nothing when it was to bring back disk"
                : "threw java.lang.IllegalStateException: worn out while it brought back disk"), failure.getMessage());
            assertEquals(List.of(bench.module), owners(bench));
            world.until(bench::allDone);
            assertEquals(0, bench.loads.stream().mapToInt(load -> load.failed).sum());
            bench.end();
        });
    }

    @Test
    void shouldNotMissOneThatIsDeletedWhileItMoves() {
        SimWorld.run(450, 10, world -> {
            var bench = new Bench(world).disk(disk("disk", 512));
            ScriptedModule next = add(bench);
            // As does a deletion that waited until the device was parked.
            next.whenRestored = () -> assertTrue(bench.layer.removal().remove((CoreBdev) bench.layer.all().getFirst()));
            bench.layer.handOver().handOver(bench.module, next);
            assertEquals(List.of(), bench.layer.all());
        });
    }

    @Test
    void shouldNotBringBackOneThatIsDeletedWhileItMoves() {
        SimWorld.run(460, 10, world -> {
            var bench = new Bench(world).disk(disk("disk", 512));
            ScriptedModule next = add(bench);
            var disk = (CoreBdev) bench.layer.all().getFirst();
            next.beforeRestore(() -> assertTrue(bench.layer.removal().remove(disk)), disk.record());
            bench.layer.handOver().handOver(bench.module, next);
            assertEquals(List.of(), bench.layer.all());
        });
    }

    @Test
    void shouldWaitForAVersionThatTakesLongToBringOneBack() {
        SimWorld.run(470, 10, world -> {
            var bench = new Bench(world).disk(disk("disk", 512)).load(100, ALL);
            ScriptedModule next = add(bench);
            var disk = (CoreBdev) bench.layer.all().getFirst();
            next.beforeRestore(() -> world.runFor(3 * bench.layer.settings().parkTimeoutMs()), disk.record());
            assertEquals(List.of("disk"), bench.layer.handOver().handOver(bench.module, next).bdevs());
            assertEquals(List.of(disk), bench.layer.all());
            world.until(bench::allDone);
            assertEquals(0, bench.loads.stream().mapToInt(load -> load.failed).sum());
            bench.end();
        });
    }

    @Test
    void shouldGiveUpWhenAVersionHangsWhileItBringsOneBack() {
        SimWorld.run(480, 2, world -> {
            var bench = new Bench(world).disk(disk("disk", 512));
            bench.layer.removeModule(bench.module);
            ScriptedModule next = bench.newModule();
            List<Bdev> left = new ArrayList<>();
            next.whenRestored = () -> {
                world.runFor(bench.layer.settings().parkTimeoutMs() + Parking.LONGEST_RETURN_MS + 5_000);
                left.addAll(bench.layer.all());
            };
            bench.layer.addModule(next);
            assertEquals(List.of(), left);
        });
    }

    @Test
    void shouldNameWhatStaysParkedWhenTheOldCannotBringItBackEither() {
        SimWorld.run(500, 5, world -> {
            var bench = new Bench(world).disk(disk("disk", 512));
            ScriptedModule next = add(bench);
            for (ScriptedModule each : List.of(bench.module, next)) {
                each.restoreAs.put("disk", disk("disk", 4096));
            }
            var failure = assertThrows(StorageException.class, () -> bench.layer.handOver().handOver(bench.module, next));
            assertTrue(failure.getMessage().contains("; the version before could not bring back disk ("), failure.getMessage());
            assertEquals(State.PARKED, bench.descriptor.bdev().state());
            next.restoreAs.clear();
            bench.layer.removeModule(bench.module);
            assertEquals(List.of(next), owners(bench));
        });
    }

    @Test
    void shouldSayThatAllIsRestoredWhenTheModuleDidWhatItCould() {
        SimWorld.run(550, 2, world -> {
            var bench = new Bench(world).disk(disk("disk", 512));
            bench.layer.removeModule(bench.module);
            ScriptedModule next = bench.newModule();
            List<Boolean> during = new ArrayList<>();
            next.whenRestored = () -> during.add(bench.layer.handOver().hasRestored(next));
            assertFalse(bench.layer.handOver().hasRestored(next));
            bench.layer.addModule(next);
            assertEquals(List.of(false), during);
            assertTrue(bench.layer.handOver().hasRestored(next));
            assertEquals(State.PARKED, bench.descriptor.bdev().state());
        });
    }

    @Test
    void shouldMoveOnlyItsOwnWhenOthersAreThere() throws Exception {
        SimWorld.run(600, 5, world -> {
            var bench = new Bench(world).disk(disk("disk", 512));
            var other = new ScriptedModule("another", bench.script, bench.stores);
            bench.layer.addModule(other);
            other.create(disk("other", 512));
            ScriptedModule next = add(bench);
            next.create(disk("young", 512));
            assertEquals(List.of("disk"), bench.layer.handOver().handOver(bench.module, next).bdevs());
            assertEquals(List.of(next, other, next), owners(bench));
            assertEquals(List.of(), bench.layer.handOver().handOver(bench.module, next).bdevs());
        });
    }

    @Test
    void shouldRefuseWhenAVersionIsNotThereOrIsOfAnotherModule() {
        SimWorld.run(700, 1, world -> {
            var bench = new Bench(world).disk(disk("disk", 512));
            ScriptedModule next = bench.newModule();
            assertFalse(bench.layer.handOver().isBound(next));
            var absent = assertThrows(StorageException.class, () -> bench.layer.handOver().handOver(bench.module, next));
            assertEquals(-Errno.ENODEV, absent.code());
            var other = new ScriptedModule("another", bench.script, bench.stores);
            bench.layer.addModule(other);
            assertTrue(bench.layer.handOver().isBound(other));
            var foreign = assertThrows(StorageException.class, () -> bench.layer.handOver().handOver(bench.module, other));
            assertEquals(-Errno.EINVAL, foreign.code());
            var same = assertThrows(StorageException.class, () -> bench.layer.handOver().handOver(bench.module, bench.module));
            assertEquals(-Errno.EINVAL, same.code());
        });
    }

    @Test
    void shouldGiveNoticeWhenToldHowASwapEnded() {
        SimWorld.run(800, 1, world -> {
            var bench = new Bench(world);
            for (Outcome outcome : Outcome.values()) {
                bench.layer.handOver().tell("scripted", outcome);
            }
            assertEquals(List.of(Notices.Kind.MODULE_SWAP, Notices.Kind.MODULE_ROLLBACK, Notices.Kind.MODULE_FAILURE),
                bench.layer.notices().from(0, 9).stream().map(Notices.Notice::kind).toList());
        });
    }
}
