package dev.karst.bdev.lvol.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.disk.ClearMethod;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes of volumes that stand on each other, asked for while another one is under way. */
class LvolRaceTest {
    private TestStore store;

    @BeforeEach
    void make() throws StorageException {
        store = TestStore.format(200, true, ClearMethod.UNMAP);
    }

    /** I/O takes a while to stand still, and one change after the other has a volume, as with {@code PausedVolumes}. */
    private static class SlowUsers implements Users {
        private final DiskMedium medium;
        private final Map<Volume, ArrayDeque<Runnable>> waiting = new HashMap<>();

        SlowUsers(DiskMedium medium) {
            this.medium = medium;
        }

        @Override
        public void pause(Volume volume, Runnable paused) {
            ArrayDeque<Runnable> others = waiting.putIfAbsent(volume, new ArrayDeque<>());
            if (others == null) {
                medium.disk.flush(_ -> paused.run());
            } else {
                others.add(paused);
            }
        }

        @Override
        public void resume(Volume volume) {
            Runnable next = waiting.get(volume).poll();
            if (next == null) {
                waiting.remove(volume);
            } else {
                next.run();
            }
        }
    }

    private void slowUsers() {
        store.store.users(new SlowUsers(store.medium));
    }

    /** Asks for all at once; gives the code of each, 0 when it succeeded. */
    private List<Integer> together(List<Consumer<Outcome<Void>>> changes) {
        Integer[] codes = new Integer[changes.size()];
        for (int i = 0; i < codes.length; i++) {
            int at = i;
            changes.get(i).accept((_, failure) -> {
                assertEquals(null, codes[at], "answered twice");
                codes[at] = failure == null ? 0 : failure.code();
            });
        }
        store.medium.settle();
        return List.of(codes);
    }

    private Consumer<Outcome<Void>> deletion(String name) {
        return outcome -> store.store.delete(store.volume(name), outcome);
    }

    private Consumer<Outcome<Void>> decoupling(String name) {
        return outcome -> store.store.decouple(store.volume(name), outcome);
    }

    private Consumer<Outcome<Void>> parent(String name, String snapshot) {
        return outcome -> store.store.setParent(store.volume(name), store.volume(snapshot), outcome);
    }

    private Consumer<Outcome<Void>> snapshotting(String of, String name) {
        return outcome -> store.store.snapshot(store.volume(of), store.options(name, true), (_, failure) -> outcome.ended(null, failure));
    }

    /** Volume v on s on p, each with a cluster of its own: 3 in v, 2 in s, 1 in p. */
    private void chain() throws StorageException {
        store.create("v", 3, true);
        store.write("v", 0, 1, 1);
        store.snapshot("v", "p");
        store.write("v", 16, 1, 2);
        store.snapshot("v", "s");
        store.write("v", 32, 1, 3);
    }

    private void expect(String name, long... words) throws StorageException {
        store.flush();
        TestStore again = store.again();
        assertEquals(List.of(), again.store.damage());
        for (TestStore each : List.of(store, again)) {
            for (int i = 0; i < words.length; i++) {
                assertEquals(words[i], each.read(name, i * TestStore.SECTORS), name + " cluster " + i);
            }
        }
    }

    @Test
    void shouldKeepWhatAnAncestorHeldWhenItIsDeletedDuringADecoupling() throws StorageException {
        for (boolean slow : new boolean[] {false, true}) {
            make();
            if (slow) {
                slowUsers();
            }
            chain();
            assertEquals(List.of(0, 0), together(List.of(decoupling("v"), deletion("p"))));
            expect("v", 1, 2, 3);
            expect("s", 1, 2, 0);
        }
    }

    /** The decoupling makes the volume one more clone of the snapshot that is being deleted. */
    @Test
    void shouldNotDeleteASnapshotThatGetsAnotherClone() throws StorageException {
        chain();
        store.write("v", 16, 1, 4);
        slowUsers();
        assertEquals(List.of(0, -Errno.EPERM), together(List.of(decoupling("v"), deletion("p"))));
        expect("v", 1, 4, 3);
        expect("s", 1, 2, 0);
        store.delete("v");
        store.delete("p");
        expect("s", 1, 2, 0);
    }

    @Test
    void shouldKeepBothWhenTheHeirGetsASnapshotDuringADeletion() throws StorageException {
        for (int held = 0; held < 3; held++) {
            make();
            chain();
            slowUsers();
            List<Consumer<Outcome<Void>>> all = new ArrayList<>(List.of(deletion("s"), snapshotting("v", "t")));
            if (held > 0) {
                all.add(held - 1, deletion("p"));
            }
            together(all);
            expect("v", 1, 2, 3);
        }
    }

    /** Its reactors would see a cluster neither where it was nor where it goes. */
    @Test
    void shouldPauseACloneThatComesWhileASnapshotBelowItIsBeingDeleted() throws StorageException {
        chain();
        store.snapshot("v", "t");
        var resumed = new ArrayList<String>();
        store.store.users(new SlowUsers(store.medium) {
            @Override
            public void resume(Volume volume) {
                resumed.add(volume.name());
                super.resume(volume);
            }
        });
        assertEquals(List.of(0, 0), together(List.of(deletion("p"), outcome ->
            store.store.clone(store.volume("t"), store.options("c", true), (_, failure) -> outcome.ended(null, failure)))));
        assertEquals(List.of("p", "s", "t", "v", "p", "s", "t", "v", "c"), resumed);
    }

    @Test
    void shouldLetNoVolumeStandOnItselfWhenTwoParentsAreChangedAtOnce() throws StorageException {
        for (String name : List.of("a", "b")) {
            store.create(name, 1, true);
            store.medium.change(outcome -> store.store.setReadOnly(store.volume(name), outcome));
            store.cloneOf(name, name + "c");
            store.snapshot(name + "c", name + "s");
        }
        slowUsers();
        List<Integer> codes = together(List.of(parent("a", "bs"), parent("b", "as")));
        assertEquals(1, codes.stream().filter(code -> code == 0).count(), codes.toString());
        assertEquals(List.of(), store.again().store.damage());
    }

    /** The second one would clear what was written to clusters that the first one brought. */
    @Test
    void shouldNotClearNewClustersTwiceWhenAskedToGrowTwice() throws StorageException {
        var held = new ArrayList<Runnable>();
        var medium = new DiskMedium(store.medium.disk, true) {
            @Override
            public void unmap(long offset, long length, Done done) {
                held.add(() -> super.unmap(offset, length, done));
            }
        };
        store = TestStore.mount(medium);
        store.create("v", store.store.freeClusters(), false);
        medium.disk.content().resize(medium.disk.content().size() + TestStore.CLUSTER);
        var answers = new ArrayList<StorageException>();
        store.store.grow((_, failure) -> answers.add(failure));
        store.store.grow((_, failure) -> answers.add(failure));
        medium.settle();
        held.removeFirst().run();
        medium.settle();
        store.create("w", 1, true);
        store.write("w", 0, 1, 7);
        store.flush();
        held.forEach(Runnable::run);
        medium.settle();
        assertEquals(2, answers.size());
        expect("w", 7);
    }

    @Test
    void shouldNotSayThatAStoreHasGrownBeforeThatIsDurable() throws StorageException {
        store = TestStore.format(200, false, ClearMethod.UNMAP);
        store.medium.disk.content().resize(store.medium.disk.content().size() + TestStore.CLUSTER);
        long before = store.store.generation();
        var told = new ArrayList<Long>();
        for (int i = 0; i < 2; i++) {
            store.store.grow((_, _) -> told.add(store.store.generation()));
        }
        store.medium.settle();
        assertEquals(2, told.size());
        assertTrue(told.stream().allMatch(generation -> generation > before), told + " after " + before);
    }

    /** They would be one and the same on the disk. */
    @Test
    void shouldRefuseNamesThatUtf8CannotHold() {
        for (String name : List.of("\ud800", "x\udc00y")) {
            assertEquals(-Errno.EINVAL, assertThrows(StorageException.class, () -> store.create(name, 1, true)).code());
        }
    }

    /** Whatever name and parent it gets later, its page has room for them. */
    @Test
    void shouldKeepAVolumeWithManyAttributesWhenItIsRenamed() throws StorageException {
        int longest = 0;
        for (int bytes = 3900; bytes > 0 && longest == 0; bytes--) {
            var options = new VolumeOptions(new UUID(3, 3), "v", true, ClearMethod.NONE, Map.of("key", "v".repeat(bytes)));
            try {
                store.medium.make(outcome -> store.store.create(options, 2, outcome));
                longest = bytes;
            } catch (StorageException e) {
                assertEquals(-Errno.EINVAL, e.code());
            }
        }
        store.medium.change(outcome -> store.store.rename(store.volume("v"), "x".repeat(64), outcome));
        store.medium.change(outcome -> store.store.setExternalParent(store.volume("x".repeat(64)), "e".repeat(255), outcome));
        TestStore again = store.again();
        assertEquals(longest, again.volume("x".repeat(64)).xattrs().get("key").length());
    }

    /** Far more than frames fit on a reactor's stack. */
    @Test
    void shouldPauseManyVolumesThatStandOnEachOther() throws StorageException {
        store = TestStore.format(12_000, true, ClearMethod.UNMAP);
        store.create("v", 1, true);
        store.write("v", 0, 1, 5);
        for (int i = 0; i < 5_000; i++) {
            store.snapshot("v", "s" + i);
        }
        store.delete("s0");
        store.medium.disk.record();
        store.medium.disk.failFlushes(0, 1, false);
        assertThrows(StorageException.class, store::flush);
        store.medium.change(store.store::heal);
        assertEquals(5_000, store.store.volumes().size());
        expect("v", 5);
    }
}
