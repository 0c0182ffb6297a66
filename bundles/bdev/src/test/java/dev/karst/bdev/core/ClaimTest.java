package dev.karst.bdev.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.Claim;
import dev.karst.bdev.Claim.Type;
import dev.karst.bdev.core.rpc.BdevFront;
import dev.karst.bdev.module.Geometry;
import dev.karst.reactor.sim.SimWorld;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Who may write and claim while somebody else has a claim. */
class ClaimTest {
    private final SimWorld world = new SimWorld(1, 1);
    private final Bench bench = new Bench(world);

    @BeforeEach
    void setUp() throws Exception {
        bench.module.create(Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", 512, Bench.BLOCKS));
    }

    @AfterEach
    void tearDown() {
        world.check();
        world.close();
    }

    private BdevDescriptor open(boolean write) throws StorageException {
        return bench.layer.open("disk", write, world.reactor(0), bench.told);
    }

    private Bdev disk() {
        return bench.layer.find("disk").orElseThrow();
    }

    private void claim(BdevDescriptor descriptor, Type type, long key) throws StorageException {
        bench.layer.claim(descriptor, new Claim(type, key, "owner of " + key));
    }

    private static void refused(int errno, Executable call) {
        assertEquals(-errno, assertThrows(StorageException.class, call).code());
    }

    @Test
    void shouldOpenForReadingOnlyWhenClaimedInAnyWay() throws Exception {
        for (Type type : Type.values()) {
            BdevDescriptor holder = open(false);
            claim(holder, type, type == Type.READ_MANY_WRITE_SHARED ? 5 : 0);
            assertEquals(type, disk().claimType());
            refused(Errno.EPERM, () -> open(true));
            open(false).close();
            holder.close();
            assertNull(disk().claimType());
        }
    }

    @Test
    void shouldLetTheHolderWriteWhenTheClaimIsForWriting() throws Exception {
        BdevDescriptor holder = open(false);
        claim(holder, Type.READ_MANY_WRITE_ONE, 0);
        assertTrue(holder.writable());
        BdevDescriptor second = open(false);
        refused(Errno.EPERM, () -> claim(second, Type.READ_MANY_WRITE_ONE, 0));
        assertEquals(false, second.writable());
    }

    @Test
    void shouldShareWhenTheKeyIsTheSame() throws Exception {
        BdevDescriptor first = open(false);
        claim(first, Type.READ_MANY_WRITE_SHARED, 5);
        BdevDescriptor second = open(false);
        claim(second, Type.READ_MANY_WRITE_SHARED, 5);
        assertTrue(second.writable());
        refused(Errno.EPERM, () -> claim(open(false), Type.READ_MANY_WRITE_SHARED, 6));
        refused(Errno.EPERM, () -> claim(open(false), Type.EXCLUSIVE_WRITE, 0));
        first.close();
        assertEquals("owner of 5", disk().claimedBy());
        second.close();
        assertNull(disk().claimedBy());
    }

    @Test
    void shouldShareServingWhenTheOwnersDiffer() throws Exception {
        bench.layer.claimToServe(open(false), "one target");
        bench.layer.claimToServe(open(false), "one target, another");
        assertEquals("one target, one target, another", disk().claimedBy());
        bench.layer.claimToServe(open(false), "another");
        refused(Errno.EPERM, () -> bench.layer.claimToServe(open(false), "one target"));
    }

    @Test
    void shouldShareReadingWhenNobodyMayWrite() throws Exception {
        claim(open(false), Type.READ_MANY_WRITE_NONE, 0);
        BdevDescriptor second = open(false);
        claim(second, Type.READ_MANY_WRITE_NONE, 0);
        assertEquals(false, second.writable());
    }

    @Test
    void shouldRefuseWhenSomebodyElseWritesAndTheTypeForbidsIt() throws Exception {
        BdevDescriptor writer = open(true);
        for (Type type : new Type[] {Type.READ_MANY_WRITE_ONE, Type.READ_MANY_WRITE_NONE}) {
            refused(Errno.EPERM, () -> claim(open(false), type, 0));
        }
        refused(Errno.EPERM, () -> claim(open(false), Type.READ_MANY_WRITE_SHARED, 1));
        refused(Errno.EINVAL, () -> claim(writer, Type.READ_MANY_WRITE_NONE, 0));
        claim(open(false), Type.EXCLUSIVE_WRITE, 0);
    }

    @Test
    void shouldRefuseWhenTheKeyDoesNotFitTheType() throws Exception {
        BdevDescriptor descriptor = open(false);
        refused(Errno.EINVAL, () -> claim(descriptor, Type.READ_MANY_WRITE_SHARED, 0));
        refused(Errno.EINVAL, () -> claim(descriptor, Type.READ_MANY_WRITE_ONE, 1));
    }

    @Test
    void shouldStayClaimedForTheSuccessorWhenAStackedDeviceIsParked() throws Exception {
        var top = new OnTopModule();
        bench.layer.addModule(top);
        top.create();
        bench.layer.removeModule(top);
        assertEquals(OnTopModule.NAME, disk().claimedBy());
        refused(Errno.EPERM, () -> open(true));
        refused(Errno.EPERM, () -> claim(open(false), Type.EXCLUSIVE_WRITE, 0));
        var next = new OnTopModule();
        bench.layer.addModule(next);
        assertEquals(Bdev.State.ONLINE, bench.layer.find(OnTopModule.NAME).orElseThrow().state());
        assertEquals(OnTopModule.NAME, disk().claimedBy());
        next.gone();
        assertNull(disk().claimedBy());
    }

    @Test
    void shouldBeFreeWhenAParkedDeviceIsGivenUp() throws Exception {
        var top = new OnTopModule();
        bench.layer.addModule(top);
        top.create();
        bench.layer.removeModule(top);
        assertEquals(true, new BdevFront(bench.layer).isWhole());
        world.runFor(bench.layer.settings().parkTimeoutMs() + 3_000);
        assertEquals(false, bench.layer.find(OnTopModule.NAME).isPresent());
        assertEquals(false, new BdevFront(bench.layer).isWhole());
        assertNull(disk().claimedBy());
        open(true).close();
    }

    @Test
    void shouldStayClaimedWhenASuccessorFailsToComeBack() throws Exception {
        var top = new OnTopModule();
        bench.layer.addModule(top);
        top.create();
        bench.layer.removeModule(top);
        var next = new OnTopModule();
        next.tooSmall = true;
        bench.layer.addModule(next);
        assertEquals(Bdev.State.PARKED, bench.layer.find(OnTopModule.NAME).orElseThrow().state());
        refused(Errno.EPERM, () -> open(true));
    }
}
