package dev.karst.bdev.lvol.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.disk.Bytes;
import dev.karst.bdev.lvol.disk.ClearMethod;
import dev.karst.env.sim.SimRandom;
import dev.karst.env.sim.SparseBytes;
import dev.karst.env.sim.disk.RecordedDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LvolStoreTest {
    private static final int DISK = 200;

    private final TestStore store = newStore();

    private static TestStore newStore() {
        try {
            return TestStore.format(DISK, true, ClearMethod.UNMAP);
        } catch (StorageException e) {
            throw new AssertionError(e);
        }
    }

    private static int code(org.junit.jupiter.api.function.Executable refused) {
        return -assertThrows(StorageException.class, refused).code();
    }

    @Test
    void shouldEndInflationAndRefuseChangesWhenChangesEnd() throws StorageException {
        store.create("v", 4, false);
        store.write("v", 0, 1, 7);
        store.snapshot("v", "s");
        List<Integer> failures = new ArrayList<>();
        List<Integer> seen = new ArrayList<>();
        store.store.inflate(store.volume("v"), (_, failure) -> failures.add(failure == null ? 0 : failure.code()));
        store.store.endChanges(() -> seen.addAll(failures));
        assertEquals(List.of(), seen);
        store.medium.settle();
        assertEquals(List.of(-Errno.EAGAIN), seen);
        assertEquals(-Errno.EAGAIN, assertThrows(StorageException.class, () -> store.create("late", 1, true)).code());
        // A host's I/O goes on.
        store.medium.change(outcome -> store.store.release(store.volume("v"), 0, 1, outcome));
        store.medium.awaitDone(store.store::close);
        assertEquals(0, store.again().read("v", 0));
    }

    @Test
    void shouldFindVolumesAgainWhenMounted() throws Exception {
        UUID uuid = store.create("thick", 5, false).uuid();
        store.create("thin", 3000, true);
        store.write("thick", 3, 2, 77);
        store.write("thin", 2500 * TestStore.SECTORS, 1, 88);
        store.flush();
        TestStore again = store.again();
        assertEquals(List.of("thick", "thin"), again.store.volumes().stream().map(Volume::name).toList());
        Volume thick = again.volume("thick");
        assertEquals(uuid, thick.uuid());
        assertEquals(5, thick.clusters());
        assertEquals(5, thick.allocatedClusters());
        assertEquals(1, again.volume("thin").allocatedClusters());
        for (int sector = 2; sector < 6; sector++) {
            assertEquals(sector == 3 || sector == 4 ? 77 : 0, again.read("thick", sector));
        }
        assertEquals(88, again.read("thin", 2500 * TestStore.SECTORS));
        assertEquals(store.store.freeClusters(), again.store.freeClusters());
        assertEquals(again.store.totalClusters() - 6, again.store.freeClusters());
    }

    @Test
    void shouldKeepASnapshotWhenTheVolumeIsWritten() throws Exception {
        store.create("v", 4, false);
        store.write("v", 0, 16, 1);
        store.write("v", 16, 16, 2);
        store.snapshot("v", "s");
        store.write("v", 5, 1, 3);
        store.flush();
        for (TestStore each : List.of(store, store.again())) {
            assertEquals(1, each.read("s", 5));
            assertEquals(3, each.read("v", 5));
            assertEquals(1, each.read("v", 6));
            assertEquals(2, each.read("v", 20));
            assertTrue(each.volume("s").isSnapshot() && each.volume("s").readOnly());
            assertEquals("s", each.volume("v").parent().name());
            assertEquals(1, each.volume("v").allocatedClusters());
            assertEquals(4, each.volume("s").allocatedClusters());
        }
    }

    @Test
    void shouldGiveTheOnlyCloneWhatItSawWhenItsSnapshotIsDeleted() throws Exception {
        store.create("v", 3, true);
        store.write("v", 0, 1, 1);
        store.write("v", 16, 1, 2);
        store.snapshot("v", "s1");
        store.write("v", 16, 1, 3);
        store.snapshot("v", "s2");
        store.write("v", 0, 1, 4);
        int free = store.store.freeClusters();
        store.delete("s1");
        for (TestStore each : List.of(store, store.again())) {
            assertEquals(List.of(1L, 3L, 0L), List.of(each.read("s2", 0), each.read("s2", 16), each.read("s2", 32)));
        }
        assertEquals(free + 1, store.store.freeClusters());
        store.cloneOf("s2", "c");
        assertEquals(Errno.EPERM, code(() -> store.delete("s2")));
    }

    @Test
    void shouldStandAloneWhenInflatedOrDecoupled() throws Exception {
        store.create("v", 4, true);
        store.write("v", 0, 1, 1);
        store.snapshot("v", "s1");
        store.write("v", 16, 1, 2);
        store.snapshot("v", "s2");
        store.cloneOf("s2", "inflated");
        store.cloneOf("s2", "decoupled");
        store.medium.change(outcome -> store.store.inflate(store.volume("inflated"), outcome));
        store.medium.change(outcome -> store.store.decouple(store.volume("decoupled"), outcome));
        for (TestStore each : List.of(store, store.again())) {
            for (String name : List.of("inflated", "decoupled")) {
                assertEquals(List.of(1L, 2L, 0L), List.of(each.read(name, 0), each.read(name, 16), each.read(name, 32)));
            }
            assertEquals(4, each.volume("inflated").allocatedClusters());
            assertFalse(each.volume("inflated").thin());
            assertEquals(null, each.volume("inflated").parent());
            assertEquals(1, each.volume("decoupled").allocatedClusters());
            assertEquals("s1", each.volume("decoupled").parent().name());
        }
    }

    @Test
    void shouldReadZerosWhenAVolumeGrowsAgainOrIsUnmappedAboveASnapshot() throws Exception {
        store.create("v", 3, true);
        store.write("v", 0, 1, 1);
        store.write("v", 32, 1, 2);
        store.snapshot("v", "s");
        store.resize("v", 2);
        store.resize("v", 3);
        store.medium.change(outcome -> store.store.release(store.volume("v"), 0, 1, outcome));
        store.flush();
        for (TestStore each : List.of(store, store.again())) {
            assertEquals(List.of(0L, 0L), List.of(each.read("v", 0), each.read("v", 32)));
            assertEquals(List.of(1L, 2L), List.of(each.read("s", 0), each.read("s", 32)));
        }
    }

    @Test
    void shouldSaySoAndChangeNothingWhenClustersRunOut() throws Exception {
        int free = store.store.freeClusters();
        assertEquals(Errno.ENOSPC, code(() -> store.create("v", free + 1, false)));
        store.create("v", free - 1, false);
        store.create("thin", 10, true);
        store.write("thin", 0, 1, 5);
        assertEquals(Errno.ENOSPC, code(() -> store.write("thin", 16, 1, 6)));
        store.delete("v");
        store.write("thin", 16, 1, 6);
        store.flush();
        TestStore again = store.again();
        assertEquals(List.of(5L, 6L), List.of(again.read("thin", 0), again.read("thin", 16)));
        assertEquals(free - 2, again.store.freeClusters());
    }

    @Test
    void shouldShowNothingOfAnotherVolumeWhenAClusterIsUsedAgain() throws Exception {
        for (boolean unmaps : new boolean[] {true, false}) {
            for (ClearMethod clear : ClearMethod.values()) {
                TestStore each = TestStore.format(DISK, unmaps, clear);
                int all = each.store.freeClusters();
                each.create("secret", all, false);
                for (int index = 0; index < all; index++) {
                    each.write("secret", index * TestStore.SECTORS, TestStore.SECTORS, 4711);
                }
                each.delete("secret");
                each.create("thick", all / 2, false);
                each = each.again();
                each.create("thin", all - all / 2, true);
                for (int index = 0; index < all / 2; index++) {
                    each.write("thin", index * TestStore.SECTORS, 1, 8);
                    assertEquals(0, each.read("thick", index * TestStore.SECTORS + 7));
                    assertEquals(0, each.read("thin", index * TestStore.SECTORS + 7));
                }
            }
        }
    }

    @Test
    void shouldRefuseWithoutAChangeWhenAskedForWhatCannotBe() throws Exception {
        store.create("v", 2, true);
        store.snapshot("v", "s");
        assertEquals(Errno.EEXIST, code(() -> store.create("v", 2, true)));
        assertEquals(Errno.EINVAL, code(() -> store.create("", 2, true)));
        assertEquals(Errno.EINVAL, code(() -> store.create("a/b", 2, true)));
        assertEquals(Errno.EINVAL, code(() -> store.create("x".repeat(65), 2, true)));
        assertEquals(Errno.EINVAL, code(() -> store.create("none", 0, true)));
        assertEquals(Errno.EPERM, code(() -> store.resize("s", 5)));
        assertEquals(Errno.EINVAL, code(() -> store.snapshot("s", "s2")));
        assertEquals(Errno.EINVAL, code(() -> store.cloneOf("v", "c")));
        assertEquals(List.of("s", "v"), store.again().store.volumes().stream().map(Volume::name).sorted().toList());
        store.create("none", 1, true);
    }

    @Test
    void shouldKeepNamesAndAttributesWhenRenamed() throws Exception {
        var options = new VolumeOptions(new UUID(3, 3), "v", true, ClearMethod.NONE, Map.of("key", "välue", "", "empty key"));
        store.medium.make(outcome -> store.store.create(options, 2, outcome));
        store.medium.change(outcome -> store.store.rename(store.volume("v"), "w", outcome));
        store.medium.change(outcome -> store.store.renameStore("pool", outcome));
        store.create("v", 1, true);
        TestStore again = store.again();
        assertEquals("pool", again.store.name());
        assertEquals(Map.of("key", "välue", "", "empty key"), again.volume("w").xattrs());
        assertEquals(ClearMethod.NONE, again.volume("w").clearMethod());
        var tooLong = new VolumeOptions(new UUID(3, 4), "x", true, ClearMethod.NONE, Map.of("key", "v".repeat(4000)));
        assertEquals(Errno.EINVAL, code(() -> store.medium.make(outcome -> store.store.create(tooLong, 2, outcome))));
    }

    @Test
    void shouldHaveMoreRoomWhenTheMediumGrew() throws Exception {
        for (boolean unmaps : new boolean[] {true, false}) {
            TestStore each = TestStore.format(DISK, unmaps, ClearMethod.UNMAP);
            int before = each.store.freeClusters();
            SparseBytes content = each.medium.disk.content();
            long end = content.size();
            content.resize(end + 10L * TestStore.CLUSTER);
            for (long at = end; at < content.size(); at += 8) {
                content.write(at, new byte[] {9, 9, 9, 9, 9, 9, 9, 9}, 0, 8);
            }
            each.medium.change(outcome -> each.store.grow(outcome));
            assertEquals(before + 10, each.store.freeClusters());
            TestStore again = each.again();
            again.create("all", before + 10, false);
            for (int index = 0; index < before + 10; index++) {
                assertEquals(0, again.read("all", index * TestStore.SECTORS));
            }
        }
    }

    private void setParent(String volume, String snapshot) throws StorageException {
        store.medium.change(outcome -> store.store.setParent(store.volume(volume), store.volume(snapshot), outcome));
    }

    @Test
    void shouldSeeTheOtherSnapshotWhereItHasNothingWhenTheParentIsChanged() throws Exception {
        for (String name : List.of("one", "two")) {
            store.create(name, 2, true);
            store.write(name, 0, 1, name.length() + name.charAt(0));
            store.write(name, 16, 1, name.length() + name.charAt(0));
            store.snapshot(name, name + "-s");
        }
        store.write("one", 16, 1, 7);
        setParent("one", "two-s");
        store.flush();
        TestStore again = store.again();
        assertEquals(List.of(3L + 't', 7L), List.of(again.read("one", 0), again.read("one", 16)));
        assertEquals(List.of("one", "two"), again.volume("two-s").clones().stream().map(Volume::name).toList());
        assertEquals(List.of(), again.volume("one-s").clones());
        again.delete("one-s");
        assertEquals(3L + 't', again.read("one", 0));
    }

    @Test
    void shouldRefuseAParentThatDoesNotFit() throws Exception {
        store.create("v", 2, true);
        store.snapshot("v", "s");
        store.create("thick", 2, false);
        store.create("longer", 3, true);
        assertEquals(Errno.EEXIST, code(() -> setParent("v", "s")));
        assertEquals(Errno.EINVAL, code(() -> setParent("thick", "s")));
        assertEquals(Errno.EINVAL, code(() -> setParent("longer", "s")));
        assertEquals(Errno.EINVAL, code(() -> setParent("v", "longer")));
        assertEquals(Errno.EINVAL, code(() -> setParent("s", "s")));
        store.medium.change(outcome -> store.store.setReadOnly(store.volume("v"), outcome));
        store.cloneOf("v", "above");
        store.snapshot("above", "above-s");
        assertEquals(Errno.EINVAL, code(() -> setParent("v", "above-s")), "it would stand on itself");
        assertEquals("s", store.volume("v").parent().name());
    }

    @Test
    void shouldReadAnExternalSnapshotWhereNothingWasWritten() throws Exception {
        store.medium.make(outcome -> store.store.cloneExternal("golden", 3, store.options("v", true), outcome));
        assertEquals(Errno.EIO, code(() -> store.write("v", 0, 1, 1)));
        ExternalSource source = (offset, target, length, done) -> {
            byte[] bytes = new byte[(int) length];
            for (int i = 0; i < bytes.length; i += 8) {
                Bytes.setLong(bytes, i, 500 + offset / TestStore.CLUSTER);
            }
            store.medium.write(target, bytes, done);
        };
        store.store.externals(name -> name.equals("golden") ? source : null);
        store.write("v", 16, 1, 1);
        assertEquals(List.of(1L, 501L), List.of(store.read("v", 16), store.read("v", 17)));
        assertEquals(Volume.EXTERNAL, store.volume("v").find(0));
        store.snapshot("v", "s");
        store.write("v", 0, 1, 2);
        store.flush();
        TestStore again = store.again();
        assertEquals(List.of(2L, 500L), List.of(again.read("v", 0), again.read("v", 1)));
        assertEquals("golden", again.volume("s").external());
        assertEquals("golden", again.volume("v").externalBelow());
        assertEquals(null, again.volume("v").external());
        assertEquals(Volume.EXTERNAL, again.volume("v").find(2));
    }

    @Test
    void shouldRefuseAMediumThatHoldsNoStore() throws Exception {
        var medium = new DiskMedium(new RecordedDisk(new SparseBytes(1 << 20), new SimRandom(1)), true);
        assertEquals(Errno.ENOENT, code(() -> TestStore.mount(medium)));
        var tooSmall = new DiskMedium(new RecordedDisk(new SparseBytes(1 << 18), new SimRandom(1)), true);
        var options = new StoreOptions(new UUID(1, 1), "store", TestStore.CLUSTER, 100, ClearMethod.NONE);
        assertEquals(Errno.EINVAL,
            code(() -> tooSmall.<LvolStore>await(outcome -> LvolStore.format(tooSmall, options, outcome))));
    }

    @Test
    void shouldTakeManyVolumesWithPagesUsedAgain() throws Exception {
        for (int i = 0; i < 300; i++) {
            store.create("v" + i, 1 + i, true);
            if (i >= 20) {
                store.delete("v" + (i - 20));
            }
        }
        assertEquals(20, store.again().store.volumes().size());
    }

    @Test
    void shouldKeepAllAsItIsWhenPagesRunOut() throws Exception {
        TestStore small = TestStore.format(80, true, ClearMethod.UNMAP);
        small.create("old", 2, true);
        small.write("old", 0, 1, 7);
        int made = 0;
        int code = 0;
        while (code == 0) {
            try {
                small.create("v" + made, 1, true);
                made++;
            } catch (StorageException e) {
                code = -e.code();
            }
        }
        assertEquals(Errno.ENOSPC, code);
        assertTrue(made > 30, made + " volumes fill all pages");
        assertEquals(Errno.ENOSPC, code(() -> small.snapshot("old", "s")));
        small.flush();
        for (TestStore each : List.of(small, small.again())) {
            assertEquals(made + 1, each.store.volumes().size());
            assertEquals(List.of(7L, 0L), List.of(each.read("old", 0), each.read("old", 16)));
        }
        for (int i = 0; i < 6; i++) {
            small.delete("v" + i);
        }
        small.snapshot("old", "s");
        small.write("old", 16, 1, 8);
        small.flush();
        TestStore again = small.again();
        assertEquals(List.of(7L, 8L, 0L), List.of(again.read("old", 0), again.read("old", 16), again.read("s", 16)));
    }

    @Test
    void shouldHaveThinVolumesAsLongAsANumberCanSay() throws Exception {
        store.create("long", Integer.MAX_VALUE, true);
        store.write("long", 0, 1, 1);
        store.medium.awaitDone(done -> store.store.allocate(store.volume("long"), Integer.MAX_VALUE - 1, done));
        store.flush();
        TestStore again = store.again();
        assertEquals(List.of(), again.store.damage());
        assertEquals(Integer.MAX_VALUE, again.volume("long").clusters());
        assertTrue(again.volume("long").own(Integer.MAX_VALUE - 1) > 0);
    }

    @Test
    void shouldGiveClustersBackWhenALongThinVolumeIsUnmappedAsAWhole() throws Exception {
        int clusters = 100_000_000;
        store.create("long", clusters, true);
        store.write("long", 0, 1, 1);
        store.snapshot("long", "s");
        store.medium.awaitDone(done -> store.store.allocate(store.volume("long"), clusters - 1, done));
        store.medium.change(outcome -> store.store.release(store.volume("long"), 0, clusters, outcome));
        store.flush();
        for (TestStore each : List.of(store, store.again())) {
            assertEquals(0, each.volume("long").allocatedClusters());
            assertEquals(List.of(0L, 1L), List.of(each.read("long", 0), each.read("s", 0)));
            assertEquals(List.of(), each.store.damage());
        }
    }

    @Test
    void shouldKeepWhatASnapshotHoldsWhenThePoolIsFull() throws Exception {
        store.create("v", 4, false);
        store.write("v", 0, 1, 1);
        store.create("rest", store.store.freeClusters() - 1, false);
        store.snapshot("v", "s");
        store.write("v", 16, 1, 2);
        assertEquals(Errno.ENOSPC, code(() -> store.write("v", 0, 1, 3)));
        assertEquals(Errno.ENOSPC, code(() -> store.medium.change(outcome -> store.store.inflate(store.volume("v"), outcome))));
        assertEquals(Errno.ENOSPC, code(() -> store.create("other", 1, false)));
        store.flush();
        for (TestStore each : List.of(store, store.again())) {
            assertEquals(List.of(1L, 2L, 1L, 0L),
                List.of(each.read("v", 0), each.read("v", 16), each.read("s", 0), each.read("s", 16)));
        }
        store.resize("rest", 1);
        store.write("v", 0, 1, 3);
        store.medium.change(outcome -> store.store.inflate(store.volume("v"), outcome));
        assertEquals(List.of(3L, 2L), List.of(store.again().read("v", 0), store.again().read("v", 16)));
    }

    /** Whoever unmaps waits until it is let go, or fails. */
    private static final class SlowToUnmap extends DiskMedium {
        private final List<Runnable> held = new ArrayList<>();
        private boolean fails;

        SlowToUnmap(RecordedDisk disk) {
            super(disk, true);
        }

        @Override
        public void unmap(long offset, long length, Done done) {
            if (fails) {
                held.add(() -> done.done(Status.FAILED));
            } else {
                held.add(() -> super.unmap(offset, length, done));
            }
        }

        void letGo() {
            List<Runnable> all = List.copyOf(held);
            held.clear();
            all.forEach(Runnable::run);
            settle();
        }
    }

    @Test
    void shouldWaitForClustersThatAreBeingClearedWhenNoneIsFree() throws Exception {
        for (boolean fails : new boolean[] {false, true}) {
            TestStore full = newStore();
            full.create("thin", 10, true);
            full.create("old", full.store.freeClusters(), false);
            full.flush();
            var medium = new SlowToUnmap(full.medium.disk);
            TestStore each = TestStore.mount(medium);
            medium.fails = fails;
            each.delete("old");
            int free = each.store.freeClusters();
            assertEquals(each.store.totalClusters(), free);
            List<Integer> told = new ArrayList<>();
            each.store.allocate(each.volume("thin"), 0, told::add);
            List<Volume> made = new ArrayList<>();
            each.store.create(each.options("thick", false), free - 1, (volume, _) -> made.add(volume));
            medium.settle();
            assertEquals(List.of(), told);
            medium.fails = false;
            medium.letGo();
            medium.letGo();
            assertEquals(List.of(Status.OK), told);
            assertEquals(free - 1, made.getFirst().allocatedClusters());
            assertEquals(0, each.store.freeClusters());
            each.store.allocate(each.volume("thin"), 1, told::add);
            medium.settle();
            assertEquals(List.of(Status.OK, Status.errno(Errno.ENOSPC)), told);
            each.flush();
            assertEquals(0, each.again().store.freeClusters());
        }
    }

    @Test
    void shouldStandStillBeforeASnapshotAndGoOnAfterwards() throws Exception {
        store.create("v", 2, true);
        List<String> calls = new ArrayList<>();
        store.store.users(new Users() {
            @Override
            public void pause(Volume volume, Runnable paused) {
                calls.add("pause " + volume.name() + " " + (volume.parent() == null));
                store.medium.disk.flush(_ -> paused.run());
            }

            @Override
            public void resume(Volume volume) {
                calls.add("resume " + volume.name() + " " + (volume.parent() == null));
            }
        });
        store.snapshot("v", "s");
        assertEquals(List.of("pause v true", "resume v false"), calls);
        calls.clear();
        store.delete("s");
        assertEquals(List.of("pause s true", "pause v false", "resume s true", "resume v true"), calls);
    }
}
