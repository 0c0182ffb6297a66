package dev.karst.bdev.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.Geometry;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What the registry takes, finds and refuses. */
class RegistryTest {
    private SimWorld world;
    private Bench bench;

    /** An I/O that keeps how it ended. */
    private static final class Io extends BdevIo {
        int status = -1;

        Io(IoType type, long offset, long blocks) {
            super(4);
            this.type = type;
            this.offsetBlocks = offset;
            this.blocks = blocks;
        }

        @Override
        protected void ended(int status) {
            this.status = status;
        }
    }

    @BeforeEach
    void setUp() {
        world = new SimWorld(1, 1);
        bench = new Bench(world);
    }

    @AfterEach
    void tearDown() {
        world.check();
        world.close();
    }

    private static Geometry disk(String name) {
        return Geometry.of(name, UUID.nameUUIDFromBytes(name.getBytes()), "Scripted disk", 512, 64);
    }

    private static Geometry aliased(String name, String... aliases) {
        Geometry g = disk(name);
        return new Geometry(
            name, List.of(aliases), g.uuid(), "Scripted disk", 512, 512, 64, g.limits(), g.metadata(), false, false,
            false);
    }

    private static void refused(int errno, String naming, Executable call) {
        var failure = assertThrows(StorageException.class, call);
        assertEquals(-errno, failure.code(), failure.getMessage());
        assertTrue(failure.getMessage().contains(naming), failure.getMessage());
    }

    private BdevDescriptor open(String name, boolean write) throws StorageException {
        return bench.layer.open(name, write, world.reactor(0), bench.told);
    }

    @Test
    void shouldFindByNameAliasAndUuidWhenRegistered() throws Exception {
        bench.module.create(aliased("a", "alias one"));
        bench.module.create(disk("b"));
        assertEquals(List.of("a", "b"), bench.layer.all().stream().map(bdev -> bdev.name()).toList());
        var a = bench.layer.find("a").orElseThrow();
        assertSame(a, bench.layer.find("alias one").orElseThrow());
        assertSame(a, bench.layer.find(a.uuid().toString().toUpperCase()).orElseThrow());
        assertTrue(bench.layer.find("c").isEmpty());
    }

    @Test
    void shouldRefuseWhenNameAliasOrUuidAreTaken() throws Exception {
        bench.module.create(aliased("a", "x"));
        refused(Errno.EEXIST, "a", () -> bench.module.create(disk("a")));
        refused(Errno.EEXIST, "x", () -> bench.module.create(disk("x")));
        refused(Errno.EEXIST, "x", () -> bench.module.create(aliased("b", "x")));
        refused(Errno.EEXIST, "a has", () ->
            bench.module.create(Geometry.of("b", disk("a").uuid(), "Scripted disk", 512, 64)));
        bench.module.create(disk("b"));
    }

    @Test
    void shouldRefuseWhenTheGeometryIsImpossible() {
        refused(Errno.EINVAL, "control character", () -> bench.module.create(disk("a\nb")));
        refused(Errno.EINVAL, "empty", () -> bench.module.create(disk("")));
        refused(Errno.ENAMETOOLONG, "256 bytes", () -> bench.module.create(disk("x".repeat(256))));
        refused(Errno.ENAMETOOLONG, "256 bytes", () -> bench.module.create(disk("\u00e4".repeat(128))));
        refused(Errno.EINVAL, "1000 bytes", () -> bench.module.create(Geometry.of("a", new UUID(1, 1), "", 1000, 1)));
        refused(Errno.EINVAL, "0 blocks", () -> bench.module.create(Geometry.of("a", new UUID(1, 1), "", 512, 0)));
        refused(Errno.EINVAL, "8192", () -> bench.module.create(disk("a").limited(0, 0, 0, 8192)));
        refused(Errno.EINVAL, "physical", () -> bench.module.create(disk("a").with(700, false, false, false)));
        bench.script.supported.remove(IoType.FLUSH);
        refused(Errno.EINVAL, "FLUSH", () -> bench.module.create(disk("a").with(512, false, true, false)));
    }

    @Test
    void shouldRefuseToOpenWhenMissingClaimedOrReadOnly() throws Exception {
        refused(Errno.ENODEV, "a", () -> open("a", false));
        bench.module.create(disk("a"));
        bench.module.create(disk("ro").with(512, true, false, false));
        refused(Errno.EROFS, "ro", () -> open("ro", true));
        BdevDescriptor first = open("a", true);
        bench.layer.claim(first, "the owner");
        assertEquals("the owner", first.bdev().claimedBy());
        refused(Errno.EPERM, "the owner", () -> open("a", true));
        BdevDescriptor reader = open("a", false);
        refused(Errno.EPERM, "the owner", () -> bench.layer.claim(reader, "other"));
        bench.layer.release(reader);
        assertEquals("the owner", first.bdev().claimedBy());
        first.close();
        assertNull(reader.bdev().claimedBy());
        open("a", true).close();
    }

    @Test
    void shouldKeepTheClaimWhenTheDeviceIsParked() throws Exception {
        bench.module.create(disk("a"));
        bench.layer.claim(open("a", true), "the owner");
        bench.layer.removeModule(bench.module);
        refused(Errno.EPERM, "the owner", () -> open("a", true));
        bench.layer.addModule(bench.newModule());
        refused(Errno.EPERM, "the owner", () -> open("a", true));
    }

    @Test
    void shouldRefuseAtSubmissionWhenTheIoCanNeverSucceed() throws Exception {
        bench.script.supported.remove(IoType.UNMAP);
        bench.module.create(disk("a").limited(0, 0, 0, 8));
        long address = world.environment().memory().allocate("data", 4096).address();
        BdevDescriptor reader = open("a", false);
        BdevDescriptor writer = open("a", true);
        world.on(world.reactor(0), () -> {
            try {
                BdevChannel channel = writer.openChannel(world.reactor(0));
                BdevChannel readOnly = reader.openChannel(world.reactor(0));
                for (long[] range : new long[][] {{64, 1}, {0, 65}, {-1, 1}, {1, Long.MAX_VALUE}, {Long.MAX_VALUE, 2},
                    {3, -1}}) {
                    assertEquals(Status.OUT_OF_RANGE, channel.submit(new Io(IoType.WRITE_ZEROES, range[0], range[1])));
                }
                assertEquals(Status.NOT_SUPPORTED, channel.submit(new Io(IoType.UNMAP, 0, 1)));
                Io read = new Io(IoType.READ, 0, 2);
                read.data.set(address, 512);
                assertEquals(Status.INVALID, channel.submit(read));
                assertEquals(Status.READ_ONLY, readOnly.submit(new Io(IoType.WRITE_ZEROES, 0, 1)));
                channel.close();
                readOnly.close();
            } catch (StorageException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void shouldRefuseAWriteWhenItIsNoWholeUnit() throws Exception {
        bench.module.create(disk("a").limited(Geometry.Limits.NONE.cut(8, 4)));
        long address = world.environment().memory().allocate("data", 4096).address();
        BdevDescriptor writer = open("a", true);
        BdevChannel channel = world.call(world.reactor(0), () -> writer.openChannel(world.reactor(0)));
        world.on(world.reactor(0), () -> {
            for (long[] range : new long[][] {{0, 2}, {2, 4}, {4, 6}}) {
                Io write = new Io(IoType.WRITE, range[0], range[1]);
                write.data.set(address, (int) range[1] * 512);
                assertEquals(Status.INVALID, channel.submit(write));
            }
            channel.close();
        });
    }

    @Test
    void shouldSayWhetherItWasFoundWhenAborting() throws Exception {
        bench.script.holds = true;
        bench.script.abortOneIn = 1;
        bench.module.create(disk("a"));
        BdevChannel channel = world.call(world.reactor(0), () -> open("a", true).openChannel(world.reactor(0)));
        Io held = new Io(IoType.FLUSH, 0, 0);
        Io abort = new Io(IoType.ABORT, 0, 0);
        Io again = new Io(IoType.ABORT, 0, 0);
        abort.victim = held;
        again.victim = held;
        world.on(world.reactor(0), () -> {
            channel.submit(held);
            channel.submit(abort);
            assertEquals(-1, held.status);
        });
        world.on(world.reactor(0), () -> channel.submit(again));
        world.settle(1);
        assertEquals(List.of(Status.ABORTED, Status.OK, Status.FAILED),
            List.of(held.status, abort.status, again.status));
    }

    @Test
    void shouldAbortAtOnceWhenTheVictimWaitsToBeDoneInParts() throws Exception {
        bench.script.holds = true;
        bench.module.create(disk("a").limited(1, 0, 1, 1));
        BdevChannel channel = world.call(world.reactor(0), () -> open("a", true).openChannel(world.reactor(0)));
        Io abort = new Io(IoType.ABORT, 0, 0);
        world.on(world.reactor(0), () -> {
            for (int i = 0; i < 17; i++) {
                Io io = new Io(IoType.WRITE_ZEROES, 0, 64);
                assertEquals(Status.OK, channel.submit(io));
                abort.victim = io;
            }
            channel.submit(abort);
        });
        world.settle(1);
        assertEquals(List.of(Status.ABORTED, Status.OK), List.of(((Io) abort.victim).status, abort.status));
    }

    @Test
    void shouldEndAllWhenThousandsWaitToBeDoneInPartsAndTheModuleCompletesAtOnce() throws Exception {
        int ios = 20_000;
        bench.layer.settings(new BlockLayer.Settings(10_000, 2_000, ios));
        bench.script.inlineOneIn = 1;
        bench.script.holds = true;
        bench.module.create(disk("a").limited(1, 0, 1, 1));
        BdevChannel channel = world.call(world.reactor(0), () -> open("a", true).openChannel(world.reactor(0)));
        List<Io> all = new ArrayList<>();
        world.on(world.reactor(0), () -> {
            for (int i = 0; i < ios; i++) {
                Io io = new Io(IoType.WRITE_ZEROES, 0, 2);
                all.add(io);
                assertEquals(Status.OK, channel.submit(io));
            }
            bench.script.holds = false;
            bench.module.channels.getFirst().release();
        });
        world.until(() -> channel.inFlight() == 0);
        world.settle(1);
        assertTrue(all.stream().allMatch(io -> io.status == Status.OK));
    }

    @Test
    void shouldLeaveWhatMustSurviveWhenTheBlockLayerItselfGoes() throws Exception {
        bench.module.create(disk("a"));
        bench.module.create(disk("b"));
        bench.layer.close();
        assertEquals(List.of("b parked", "a parked"), bench.module.destroyed);
    }

    @Test
    void shouldDestroyForGoodWhenTheModuleDoesNotComeBackInTime() throws Exception {
        bench.module.create(disk("a"));
        bench.layer.removeModule(bench.module);
        assertEquals(List.of("a parked"), bench.module.destroyed);
        world.until(() -> bench.layer.find("a").isEmpty());
        assertEquals(List.of("a parked", "a"), bench.module.destroyed);
    }

    @Test
    void shouldNotDestroyTheOldOneAgainWhenASuccessorTookItOver() throws Exception {
        bench.module.create(disk("a"));
        bench.layer.removeModule(bench.module);
        var next = bench.newModule();
        bench.layer.addModule(next);
        next.host.unregister("a");
        assertEquals(List.of("a parked"), bench.module.destroyed);
        assertEquals(List.of("a"), next.destroyed);
    }

    @Test
    void shouldTellTheNewSizeWhenResized() throws Exception {
        bench.module.create(disk("a"));
        BdevDescriptor descriptor = open("a", false);
        refused(Errno.EINVAL, "0 blocks", () -> bench.module.host.resized("a", 0));
        bench.module.host.resized("a", 100);
        assertEquals(100, descriptor.bdev().blocks());
        world.settle(1);
        assertEquals(List.of("resized 100"), bench.told.events);
    }

    @Test
    void shouldRefuseToUnregisterWhenTheDeviceIsOfAnotherModule() throws Exception {
        bench.module.create(disk("a"));
        var other = new ScriptedModule("other", bench.script, bench.stores);
        bench.layer.addModule(other);
        refused(Errno.ENODEV, "of the module scripted", () -> other.host.unregister("a"));
        refused(Errno.ENODEV, "No such device", () -> other.host.unregister("b"));
        bench.module.host.unregister("a");
        refused(Errno.ENODEV, "No such device", () -> bench.module.host.unregister("a"));
    }
}
