package dev.karst.bdev.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.core.rpc.BdevFront;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.module.Geometry;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** New devices are shown to all modules, in two steps. */
class ExamineTest {
    /** Keeps what it is shown, and claims or takes its time if told so. */
    private final class Curious implements BdevModule {
        private final String name;
        private final List<Runnable> reading = new ArrayList<>();
        boolean claims;
        boolean reads;
        boolean throwsUp;
        BdevHost host;

        Curious(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void start(BdevHost host) {
            this.host = host;
        }

        @Override
        public void stop() {}

        @Override
        public void restore(CreationRecord record) {}

        @Override
        public void examineConfig(Bdev bdev) {
            seen.add(name + " config " + bdev.name());
            if (throwsUp) {
                throw new IllegalStateException("on purpose");
            }
        }

        @Override
        public void examineDisk(Bdev bdev, Runnable done) {
            seen.add(name + " disk " + bdev.name());
            if (claims) {
                claim(bdev);
            }
            if (throwsUp) {
                throw new IllegalStateException("on purpose");
            }
            if (reads) {
                reading.add(done);
            } else {
                done.run();
            }
        }

        private void claim(Bdev bdev) {
            try {
                BdevDescriptor descriptor = host.registry().open(bdev.name(), false, world.reactor(0), bench.told);
                host.registry().claim(descriptor, name);
            } catch (StorageException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private final SimWorld world = new SimWorld(1, 1);
    private final Bench bench = new Bench(world);
    private final BdevFront front = new BdevFront(bench.layer);
    private final List<String> seen = new ArrayList<>();
    private final Curious first = new Curious("first");
    private final Curious second = new Curious("second");

    @BeforeEach
    void setUp() {
        bench.layer.addModule(first);
        bench.layer.addModule(second);
    }

    @AfterEach
    void tearDown() {
        world.check();
        world.close();
    }

    private void create(String name) throws StorageException {
        bench.module.create(Geometry.of(name, new UUID(3, name.hashCode()), "Scripted disk", 512, 8));
    }

    private void waitForExamine() throws StorageException {
        assertEquals(true, Calls.call(front, "bdev_wait_for_examine"));
    }

    @Test
    void shouldShowToAllByConfigurationAndThenToReadWhenADeviceComes() throws Exception {
        create("a");
        waitForExamine();
        assertEquals(List.of("first config a", "second config a", "first disk a", "second disk a"), seen);
    }

    @Test
    void shouldExcludeOthersWhenOneHasClaimed() throws Exception {
        first.claims = true;
        create("a");
        waitForExamine();
        assertEquals(List.of("first config a", "second config a", "first disk a"), seen);
    }

    @Test
    void shouldWaitWhenAModuleTakesItsTime() throws Exception {
        first.reads = true;
        create("a");
        var late = assertThrows(StorageException.class, this::waitForExamine);
        assertEquals(-Errno.ETIMEDOUT, late.code());
        assertTrue(late.getMessage().contains("a by first"), late.getMessage());
        assertFalse(seen.contains("second disk a"));
        Runnable done = first.reading.getFirst();
        done.run();
        done.run();
        waitForExamine();
        assertEquals(1, seen.stream().filter("second disk a"::equals).count());
    }

    @Test
    void shouldGoOnWhenTheReadingModuleGoes() throws Exception {
        first.reads = true;
        create("a");
        bench.layer.removeModule(first);
        waitForExamine();
        assertTrue(seen.contains("second disk a"));
    }

    @Test
    void shouldEndWhenTheDeviceGoesMeanwhile() throws Exception {
        first.reads = true;
        create("a");
        world.until(() -> !first.reading.isEmpty());
        bench.module.host.unregister("a");
        first.reading.getFirst().run();
        waitForExamine();
        assertFalse(seen.contains("second disk a"));
    }

    @Test
    void shouldGoOnWhenAModuleThrows() throws Exception {
        first.throwsUp = true;
        create("a");
        waitForExamine();
        assertTrue(seen.contains("second disk a"));
    }

    @Test
    void shouldShowWhatIsThereWhenAModuleComesLater() throws Exception {
        create("a");
        bench.layer.addModule(new Curious("late"));
        waitForExamine();
        assertTrue(seen.containsAll(List.of("late config a", "late disk a")));
    }

    @Test
    void shouldShowOnlyWhatIsAskedForWhenThatIsLeftToTheClient() throws Exception {
        var automatic = assertThrows(StorageException.class, () -> Calls.call(front, "bdev_examine", "name", "a"));
        assertEquals(-Errno.EINVAL, automatic.code());
        Calls.call(front, "bdev_set_options", "bdev_auto_examine", false, "bdev_io_pool_size", 4096L);
        create("a");
        create("b");
        assertEquals(List.of(), seen);
        Calls.call(front, "bdev_examine", "name", "a");
        Calls.call(front, "bdev_examine", "name", "later");
        create("later");
        waitForExamine();
        assertTrue(seen.containsAll(List.of("first disk a", "second disk later")));
        assertFalse(seen.contains("first config b"));
        assertThrows(StorageException.class, () -> Calls.call(front, "bdev_examine", "name", "a"));
        assertEquals(List.of("bdev_set_options", "bdev_examine", "bdev_examine"),
            front.calls().subList(0, 3).stream().map(call -> call.method()).toList());
    }

    @Test
    void shouldKeepCreationsThatWaitOverVersionsWhenAModuleIsReplaced() throws Exception {
        var record = new CreationRecord("first_create", Map.of("name", "x"), "x", null);
        first.host.keep(record);
        assertThrows(StorageException.class, () -> first.host.keep(record));
        bench.layer.removeModule(first);
        assertEquals(List.of(), first.host.kept());
        var next = new Curious("first");
        bench.layer.addModule(next);
        assertEquals(List.of(record), next.host.kept());
        assertEquals(List.of(), second.host.kept());
        assertEquals("first_create", front.calls().getLast().method());
        assertTrue(next.host.drop("x"));
        assertFalse(next.host.drop("x"));
    }
}
