package dev.karst.bdev.lvol.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.disk.Bytes;
import dev.karst.bdev.lvol.disk.ClearMethod;
import dev.karst.bdev.lvol.disk.Page;
import dev.karst.bdev.lvol.disk.PageTree;
import dev.karst.bdev.lvol.disk.SuperBlock;
import dev.karst.env.sim.SimRandom;
import dev.karst.env.sim.SparseBytes;
import dev.karst.env.sim.disk.RecordedDisk;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Metadata that were damaged: told, set aside, never written over, and nothing else is harmed. */
class LvolDamageTest {
    private static final int CLUSTERS = 80;

    private final SparseBytes content;
    private final TestStore whole;
    /** What each sector of each volume holds. */
    private final LvolModel model = new LvolModel(0);
    private final Set<Integer> live;

    LvolDamageTest() throws Exception {
        whole = TestStore.format(CLUSTERS, true, ClearMethod.UNMAP);
        whole.create("wide", 1500, true);
        whole.write("wide", 1200 * TestStore.SECTORS, 4, 21);
        for (int i = 0; i < 6; i++) {
            whole.create("v" + i, 2, i % 2 == 0);
            whole.write("v" + i, 3, 4, 100 + i);
        }
        whole.snapshot("v0", "s");
        whole.write("v0", 4, 1, 31);
        whole.cloneOf("s", "c");
        whole.delete("v1");
        whole.flush();
        content = whole.medium.disk.content();
        for (Volume volume : whole.store.volumes()) {
            var entry = new LvolModel.Entry(volume.clusters(), volume.thin());
            for (int sector = 0; sector < entry.now.length; sector++) {
                entry.now[sector] = whole.read(volume, sector);
            }
            model.volumes.put(volume.name(), entry);
        }
        live = livePages();
    }

    private TestStore mount(SparseBytes bytes) throws StorageException {
        return TestStore.mount(new DiskMedium(new RecordedDisk(bytes, new SimRandom(1)), true));
    }

    /** The pages that a mount reads, but for the super blocks. */
    private Set<Integer> livePages() throws StorageException {
        Set<Integer> pages = new HashSet<>();
        var medium = new DiskMedium(new RecordedDisk(content.fork(), new SimRandom(1)), true) {
            @Override
            public void read(long offset, byte[] target, Done done) {
                pages.add((int) (offset / Page.BYTES));
                super.read(offset, target, done);
            }
        };
        TestStore.mount(medium);
        pages.remove(SuperBlock.FIRST);
        pages.remove(SuperBlock.SECOND);
        return pages;
    }

    /** What can be seen is right, and what cannot is told. Gives how many volumes are as they were. */
    private int check(TestStore store, boolean told) {
        int good = 0;
        for (var each : model.volumes.entrySet()) {
            Volume volume = store.store.find(each.getKey()).orElse(null);
            if (volume == null || volume.damage() != null) {
                assertTrue(told, each.getKey() + " is gone, and nobody said so");
                continue;
            }
            good++;
            for (int sector = 0; sector < each.getValue().now.length; sector += sector % 64 < 8 ? 1 : 56) {
                assertEquals(each.getValue().now[sector], store.read(volume, sector), each.getKey());
            }
        }
        return good;
    }

    /** Which of two faults of a volume is found first is chance. */
    @Test
    void shouldHealWithDamageThatIsFoundInAnotherOrder() throws Exception {
        whole.write("wide", 3, 1, 22);
        whole.flush();
        PageTree extents = whole.volume("wide").extents();
        var leaves = new BitSet();
        extents.addPagesTo(leaves);
        leaves.clear(extents.root().page());
        assertEquals(2, leaves.cardinality());
        SparseBytes bytes = content.fork();
        leaves.stream().forEach(page -> bytes.write(page * (long) Page.BYTES + 100, new byte[] {77}, 0, 1));
        Set<String> found = new HashSet<>();
        for (int seed = 0; seed < 20; seed++) {
            var disk = new RecordedDisk(bytes.fork(), new SimRandom(seed));
            disk.record();
            TestStore store = TestStore.mount(new DiskMedium(disk, true));
            found.addAll(store.store.damage());
            disk.failFlushes(0, 1, false);
            assertThrows(StorageException.class, store::flush);
            store.medium.change(store.store::heal);
            assertNull(store.store.failure());
            found.add(store.volume("wide").damage());
        }
        assertTrue(found.size() > 2, found.toString());
    }

    @Test
    void shouldSeeEveryFlippedByteOfEveryPage() throws Exception {
        int detected = 0;
        for (int page : live) {
            for (int at = 0; at < Page.BYTES; at++) {
                TestStore store = mount(flipped(page, at));
                assertFalse(store.store.damage().isEmpty(), "byte " + at + " of page " + page + " was flipped unseen");
                if (at % 64 == 0) {
                    check(store, true);
                }
                detected++;
            }
        }
        assertEquals(live.size() * Page.BYTES, detected);
        assertTrue(live.size() >= 14, live + " are too few pages to tell");
        for (int at = 0; at < Page.BYTES; at++) {
            assertEquals(model.volumes.size(), check(mount(flipped(SuperBlock.FIRST, at)), false));
            assertEquals(model.volumes.size(), check(mount(flipped(SuperBlock.SECOND, at)), false));
        }
    }

    private SparseBytes flipped(int page, int at) {
        SparseBytes bytes = content.fork();
        long offset = page * (long) Page.BYTES + at;
        byte[] one = bytes.read(offset, 1);
        one[0] ^= (byte) (1 << at % 8);
        bytes.write(offset, one, 0, 1);
        return bytes;
    }

    @Test
    void shouldSeeEveryPageThatIsZeroedOrExchanged() throws Exception {
        for (int page : live) {
            SparseBytes zeroed = content.fork();
            zeroed.zero(page * (long) Page.BYTES, Page.BYTES);
            TestStore store = mount(zeroed);
            assertFalse(store.store.damage().isEmpty());
            check(store, true);
            for (int other : live) {
                if (other != page) {
                    SparseBytes exchanged = content.fork();
                    exchanged.write(page * (long) Page.BYTES, content.read(other * (long) Page.BYTES, Page.BYTES), 0, Page.BYTES);
                    exchanged.write(other * (long) Page.BYTES, content.read(page * (long) Page.BYTES, Page.BYTES), 0, Page.BYTES);
                    store = mount(exchanged);
                    assertFalse(store.store.damage().isEmpty());
                    check(store, true);
                }
            }
        }
    }

    /** While a page is damaged the store works on, and when the page comes back all is there. */
    @Test
    void shouldWriteOverNothingThatMayBeNeededWhenAPageIsDamaged() throws Exception {
        for (int page : live) {
            SparseBytes bytes = flipped(page, 100);
            byte[] damaged = bytes.read(page * (long) Page.BYTES, Page.BYTES);
            TestStore store = mount(bytes);
            for (int i = 0; i < 12; i++) {
                String name = "new" + i;
                try {
                    store.create(name, 1, false);
                    store.write(name, 0, TestStore.SECTORS, 999);
                    if (i % 3 == 0) {
                        store.delete(name);
                    }
                } catch (StorageException e) {
                    assertTrue(-e.code() == Errno.ENOSPC || e.getMessage().contains("directory"), e.getMessage());
                }
            }
            store.flush();
            assertArrayEquals(damaged, bytes.read(page * (long) Page.BYTES, Page.BYTES));
            bytes.write(page * (long) Page.BYTES, content.read(page * (long) Page.BYTES, Page.BYTES), 0, Page.BYTES);
            TestStore again = mount(bytes);
            assertTrue(again.store.damage().isEmpty(), () -> "page " + page + ": " + again.store.damage());
            assertEquals(model.volumes.size(), check(again, false), "page " + page);
        }
    }

    @Test
    void shouldGoOnWithoutWhatIsDamagedWhenRepaired() throws Exception {
        for (int page : live) {
            TestStore store = mount(flipped(page, 100));
            int good = check(store, true);
            StoreCheck found = checked(store);
            List<String> plan = store.store.repairs(found);
            assertFalse(plan.isEmpty());
            assertEquals(plan, store.medium.<List<String>>await(outcome -> store.store.repair(found, outcome)));
            TestStore mounted = store.again();
            for (TestStore each : List.of(store, mounted)) {
                assertTrue(each.store.damage().isEmpty(), () -> plan + " left " + each.store.damage());
                assertEquals(List.of(), checked(each).faults());
                assertEquals(good, check(each, true));
                assertEquals(mounted.store.freeClusters(), each.store.freeClusters());
                assertEquals(mounted.store.metadataPages(), each.store.metadataPages());
            }
            goOn(store);
            assertEquals(good, check(store, true));
            assertTrue(store.again().store.damage().isEmpty());
        }
    }

    private static StoreCheck checked(TestStore store) throws StorageException {
        return store.medium.await(outcome -> store.store.check(_ -> true, outcome));
    }

    /** Uses all there is, and more than once. */
    private static void goOn(TestStore store) throws StorageException {
        for (int i = 0; i < 30; i++) {
            store.create("v1", 1, true);
            store.delete("v1");
        }
        store.create("all", store.store.freeClusters(), false);
        assertEquals(0, store.store.freeClusters());
        for (int index = 0; index < store.volume("all").clusters(); index++) {
            store.write("all", index * TestStore.SECTORS, 1, 4711);
        }
        store.flush();
    }

    @Test
    void shouldWriteAnewWhatWentBadSinceTheMountWhenRepaired() throws Exception {
        Set<Integer> all = new HashSet<>(live);
        all.add(SuperBlock.FIRST);
        all.add(SuperBlock.SECOND);
        for (int page : all) {
            SparseBytes bytes = content.copy();
            TestStore store = mount(bytes);
            bytes.zero(page * (long) Page.BYTES, Page.BYTES);
            StoreCheck found = checked(store);
            assertEquals(1, store.store.repairs(found).size(), found::toString);
            store.medium.<List<String>>await(outcome -> store.store.repair(found, outcome));
            assertEquals(List.of(), checked(store).faults());
            assertEquals(List.of(), store.store.repairs(checked(store)));
            TestStore again = store.again();
            assertTrue(again.store.damage().isEmpty(), () -> "page " + page + ": " + again.store.damage());
            assertEquals(model.volumes.size(), check(again, false));
            assertEquals(again.store.metadataPages(), store.store.metadataPages());
        }
    }

    @Test
    void shouldLetGoOfClonesThatAreLostWhenRepaired() throws Exception {
        TestStore store = contradicting(each -> each.store.state().set(each.volume("c"), 1, 100_000));
        assertEquals(List.of("c"), damaged(store));
        StoreCheck found = checked(store);
        store.medium.<List<String>>await(outcome -> store.store.repair(found, outcome));
        assertEquals(List.of("v0"), store.volume("s").clones().stream().map(Volume::name).toList());
        store.cloneOf("s", "c");
        store.delete("c");
        store.delete("s");
        assertEquals(31, store.read("v0", 4));
        assertTrue(store.again().store.damage().isEmpty());
    }

    /** What went bad since the mount is written anew beside what is there. */
    @Test
    void shouldSayWhetherARepairFitsBeforeItIsDone() throws Exception {
        TestStore store = mount(content.copy());
        for (int i = 0; i < 28; i++) {
            store.create("more" + i, 1, true);
        }
        SparseBytes bytes = store.medium.disk.content();
        bytes.zero(store.store.state().directory.root().page() * (long) Page.BYTES, Page.BYTES);
        StoreCheck found = checked(store);
        StorageException obstacle = store.store.repairObstacle(found);
        assertEquals(-Errno.ENOSPC, obstacle.code());
        var refused = assertThrows(StorageException.class,
            () -> store.medium.<List<String>>await(outcome -> store.store.repair(found, outcome)));
        assertEquals(-Errno.ENOSPC, refused.code());
        assertEquals(obstacle.getMessage(), refused.getMessage());
        assertTrue(obstacle.getMessage().contains("pages of metadata beside those that are there"), obstacle.getMessage());
        for (int i = 0; store.store.repairObstacle(found) != null; i++) {
            store.delete("more" + i);
        }
        store.medium.<List<String>>await(outcome -> store.store.repair(found, outcome));
        assertEquals(List.of(), checked(store).faults());
        assertTrue(store.again().store.damage().isEmpty());
    }

    @Test
    void shouldNotRepairBesideACheck() throws Exception {
        TestStore store = mount(content.copy());
        StoreCheck found = checked(store);
        List<Integer> codes = new ArrayList<>();
        store.store.check(_ -> true, (_, failure) -> assertNull(failure));
        store.store.repair(found, (_, failure) -> codes.add(failure.code()));
        store.medium.settle();
        assertEquals(List.of(-Errno.EBUSY), codes);
    }

    @Test
    void shouldTellWhatTheMountTellsWhenChecked() throws Exception {
        for (int page : live) {
            SparseBytes bytes = content.copy();
            TestStore store = mount(bytes);
            List<Integer> progress = new ArrayList<>();
            StoreCheck fine = store.medium.await(outcome -> store.store.check(pages -> progress.add(pages), outcome));
            assertEquals(List.of(), fine.faults());
            assertEquals(live.size(), fine.pages());
            assertEquals(model.volumes.size(), fine.volumes());
            assertEquals(live.size(), progress.size());
            bytes.zero(page * (long) Page.BYTES, Page.BYTES);
            long before = bytes.hash();
            StoreCheck bad = store.medium.await(outcome -> store.store.check(_ -> true, outcome));
            assertFalse(bad.faults().isEmpty());
            assertEquals(before, bytes.hash(), "a check wrote something");
        }
    }

    @Test
    void shouldEndACheckWhenItIsToldToOrTheStoreCloses() throws Exception {
        TestStore store = mount(content.copy());
        for (int most = 1; most < live.size(); most++) {
            int last = most;
            List<Integer> progress = new ArrayList<>();
            var ended = assertThrows(StorageException.class, () -> store.medium.<StoreCheck>await(outcome -> store.store.check(pages -> {
                progress.add(pages);
                return pages < last;
            }, outcome)));
            assertEquals(-Errno.ECANCELED, ended.code());
            assertEquals(most, progress.size());
            store.create("after" + most, 1, true);
        }
        List<String> order = new ArrayList<>();
        store.store.check(_ -> true, (_, failure) -> order.add("check " + failure.code()));
        store.medium.awaitDone(done -> store.store.close(status -> {
            order.add("closed");
            done.done(status);
        }));
        assertEquals(List.of("check " + -Errno.ECANCELED, "closed"), order);
        store.store.check(_ -> true, (_, failure) -> order.add("late " + failure.code()));
        assertEquals("late " + -Errno.ENODEV, order.getLast());
    }

    @Test
    void shouldCheckRightlyWhileTheStoreChanges() throws Exception {
        TestStore store = mount(content.copy());
        boolean[] ended = {false};
        store.store.check(_ -> true, (check, failure) -> {
            ended[0] = true;
            assertNull(failure);
            assertEquals(List.of(), check.faults());
        });
        for (int i = 0; i < 5; i++) {
            store.store.create(store.options("during" + i, false), 1, (_, failure) -> assertNull(failure));
            for (int steps = 0; steps < 3; steps++) {
                store.medium.disk.step();
            }
        }
        store.medium.settle();
        assertTrue(ended[0]);
        assertEquals(model.volumes.size() + 5, store.again().store.volumes().size());
    }

    @Test
    void shouldRefuseASuperBlockWhenItsFiguresCannotBe() throws Exception {
        List<Consumer<byte[]>> wrongs = List.of(
            page -> Bytes.setInt(page, 12, SuperBlock.VERSION + 1), page -> Bytes.setInt(page, 32, 0),
            page -> Bytes.setInt(page, 32, 5000), page -> Bytes.setInt(page, 32, -4096), page -> Bytes.setInt(page, 36, 0),
            page -> Bytes.setInt(page, 36, Integer.MAX_VALUE), page -> Bytes.setInt(page, 36, -1), page -> page[48] = 9,
            page -> page[49] = 70, page -> Bytes.setLong(page, 40, 0), page -> Bytes.setLong(page, 40, -5),
            page -> Bytes.setInt(page, 4048, 0), page -> Bytes.setInt(page, 4048, Integer.MAX_VALUE),
            page -> Bytes.setInt(page, 4052, 1), page -> Bytes.setInt(page, 4052, -1), page -> Bytes.setInt(page, 4056, 0),
            page -> Bytes.setInt(page, 4056, Integer.MAX_VALUE), page -> Bytes.setInt(page, 4060, -1),
            page -> Bytes.setInt(page, 4060, Integer.MAX_VALUE));
        for (Consumer<byte[]> wrong : wrongs) {
            byte[] page = content.read(0, Page.BYTES);
            wrong.accept(page);
            Bytes.setInt(page, 8, Bytes.crc(page, 12, Page.BYTES));
            SparseBytes bytes = content.fork();
            bytes.write(0, page, 0, Page.BYTES);
            bytes.write(SuperBlock.SECOND * (long) Page.BYTES, page, 0, Page.BYTES);
            long before = bytes.hash();
            var refused = assertThrows(StorageException.class, () -> mount(bytes));
            assertEquals(-Errno.EINVAL, refused.code());
            assertEquals(before, bytes.hash());
        }
    }

    @Test
    void shouldFindNoStoreOrSayWhyWhenNoSuperBlockIsWhole() throws Exception {
        assertEquals(-Errno.ENOENT, refusal(0));
        assertEquals(-Errno.EINVAL, refusal(8));
        assertEquals(-Errno.EINVAL, refusal(Page.BYTES - 1));
        SparseBytes shorter = content.copy();
        shorter.resize(content.size() - TestStore.CLUSTER);
        var refused = assertThrows(StorageException.class, () -> mount(shorter));
        assertTrue(refused.getMessage().contains("the device has " + shorter.size()), refused.getMessage());
    }

    /** The code of a mount when that byte is flipped in both. */
    private int refusal(int at) {
        SparseBytes bytes = content.copy();
        for (int page : List.of(SuperBlock.FIRST, SuperBlock.SECOND)) {
            byte[] one = flipped(page, at).read(page * (long) Page.BYTES, Page.BYTES);
            bytes.write(page * (long) Page.BYTES, one, 0, Page.BYTES);
        }
        long before = bytes.hash();
        int code = assertThrows(StorageException.class, () -> mount(bytes)).code();
        assertEquals(before, bytes.hash());
        return code;
    }

    /** Makes a store whose pages are whole and contradict each other. */
    private TestStore contradicting(Consumer<TestStore> wrong) throws Exception {
        TestStore store = mount(content.copy());
        wrong.accept(store);
        store.flush();
        return store.again();
    }

    private static List<String> damaged(TestStore store) {
        return store.store.volumes().stream().filter(volume -> volume.damage() != null).map(Volume::name).sorted().toList();
    }

    @Test
    void shouldSetAsideWhoeverContradictsAnotherWhenPagesAreWhole() throws Exception {
        TestStore twice = contradicting(store -> {
            store.store.state().set(store.volume("v2"), 1, store.volume("v3").own(0));
            store.store.state().touch(store.volume("v2"));
        });
        assertEquals(List.of("v2", "v3"), damaged(twice));
        check(twice, true);
        TestStore beyond = contradicting(store -> store.store.state().set(store.volume("v2"), 1, 100_000));
        assertEquals(List.of("v2"), damaged(beyond));
        TestStore metadata = contradicting(store -> store.store.state().set(store.volume("v2"), 1, 3));
        assertEquals(List.of("v2"), damaged(metadata));
        TestStore circle = contradicting(store -> {
            store.volume("s").parent(store.volume("c"), null);
            store.store.state().touch(store.volume("s"));
        });
        assertEquals(List.of("c", "s", "v0"), damaged(circle));
        check(circle, true);
        TestStore absent = contradicting(store -> store.store.state().remove(store.volume("s")));
        assertEquals(List.of("c", "v0"), damaged(absent));
        check(absent, true);
        TestStore samePage = contradicting(store -> {
            store.volume("v2").extents().adopt(0, 0, store.volume("v3").extents().root());
            store.store.state().touch(store.volume("v2"));
        });
        assertEquals(List.of("v2", "v3"), damaged(samePage));
        check(samePage, true);
        TestStore sameName = contradicting(store -> {
            Volume volume = store.volume("v4");
            volume.name("v5");
            store.store.state().touch(volume);
        });
        assertEquals(1, damaged(sameName).size());
        assertEquals(Errno.EIO, -assertThrows(StorageException.class, () -> circle.delete("s")).code());
        assertEquals(Errno.EIO, -assertThrows(StorageException.class, () -> circle.write("v0", 0, 1, 1)).code());
    }
}
