package dev.karst.bdev.lvol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.IoType;
import dev.karst.bdev.file.FileModule;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.bdev.testkit.OpenBdev;
import dev.karst.env.Region;
import dev.karst.env.sim.SparseBytes;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import dev.karst.reactor.sim.SimWorld;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Pools on simulated files, and what tests do with their volumes. */
final class LvolStages {
    private LvolStages() {}

    static final Path FILE = Path.of("/disk.img");
    static final int CLUSTER = 64 << 10;
    static final int BLOCK = 4096;

    /** A stage with an empty disk {@code aio0} of 64 MiB. */
    static BdevStage stage(SimWorld world) throws StorageException {
        world.environment().files().put(FILE, new SparseBytes(64 << 20));
        return again(world);
    }

    /** A stage with the disk as it is, as after a restart of the process. */
    static BdevStage again(SimWorld world) throws StorageException {
        return again(world, new LvolModule());
    }

    /** The same with this version of the module. */
    static BdevStage again(SimWorld world, LvolModule module) throws StorageException {
        var stage = new BdevStage(world);
        stage.add(new FileModule());
        stage.add(module);
        stage.call("bdev_aio_create", "name", "aio0", "filename", FILE.toString(), "block_size", BLOCK);
        stage.call("bdev_wait_for_examine");
        return stage;
    }

    static BdevStage pool(SimWorld world) throws StorageException {
        return pool(world, new LvolModule());
    }

    /** The same with this version of the module. */
    static BdevStage pool(SimWorld world, LvolModule module) throws StorageException {
        world.environment().files().put(FILE, new SparseBytes(64 << 20));
        BdevStage stage = again(world, module);
        stage.call("bdev_lvol_create_lvstore", "bdev_name", "aio0", "lvs_name", "lvs0", "cluster_sz", CLUSTER);
        return stage;
    }

    /** What is asked of a stage. */
    interface Asked<T> {
        T on(BdevStage stage) throws StorageException;
    }

    /** Asks on a control thread at some moment of the next so many nanoseconds; told what came of it. */
    static <T> CompletableFuture<T> soon(SimWorld world, BdevStage stage, int mostNanos, Asked<T> asked) {
        var ended = new CompletableFuture<T>();
        Runnable run = () -> {
            try {
                ended.complete(asked.on(stage));
            } catch (StorageException | RuntimeException e) {
                ended.completeExceptionally(e);
            }
        };
        Reactor reactor = world.reactor(0);
        long nanos = world.random().below(mostNanos);
        reactor.execute(() -> reactor.schedule(new Timer() {
            @Override
            public void expired() {
                stage.environment().threads().background().execute(run);
            }
        }, nanos));
        return ended;
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> volume(BdevStage stage, String name) throws StorageException {
        for (Object each : (List<Object>) stage.call("bdev_lvol_get_lvols")) {
            if (((Map<String, Object>) each).get("name").equals(name)) {
                return (Map<String, Object>) each;
            }
        }
        throw new AssertionError("there is no " + name);
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> store(BdevStage stage) throws StorageException {
        return (Map<String, Object>) ((List<Object>) stage.call("bdev_lvol_get_lvstores")).getFirst();
    }

    static Bdev bdev(BdevStage stage, String name) {
        return stage.layer().find(name).orElseThrow();
    }

    static void write(BdevStage stage, String name, long block, byte value) throws StorageException {
        OpenBdev open = stage.open(name, stage.reactors().all().getFirst());
        Region memory = stage.environment().memory().allocate("test", BLOCK);
        Mem.fill(memory.address(), BLOCK, value);
        assertEquals(Status.OK, open.move(IoType.WRITE, block, 1, memory));
        assertEquals(Status.OK, open.move(IoType.FLUSH, 0, 0, memory));
        open.close();
    }

    static void expect(BdevStage stage, String name, long block, byte value) throws StorageException {
        OpenBdev open = stage.open(name, stage.reactors().all().getLast());
        Region memory = stage.environment().memory().allocate("test", BLOCK);
        assertEquals(Status.OK, open.move(IoType.READ, block, 1, memory));
        for (int i = 0; i < BLOCK; i++) {
            assertEquals(value, Mem.getByte(memory.address() + i), name + " block " + block + " byte " + i);
        }
        open.close();
    }

    static void checkCode(int code, String text, BdevStage stage, String method, Object... parameters) {
        var failure = assertThrows(StorageException.class, () -> stage.call(method, parameters));
        assertEquals(code, failure.code(), failure.getMessage());
        assertTrue(failure.getMessage().startsWith(text), failure.getMessage());
    }

    /** One more empty disk of so many bytes. */
    static void disk(BdevStage stage, SimWorld world, String name, long bytes) throws StorageException {
        disk(stage, world, name, bytes, world.environment().newUuid().toString());
    }

    /** The same with a UUID. */
    static void disk(BdevStage stage, SimWorld world, String name, long bytes, String uuid) throws StorageException {
        String file = "/" + name + ".img";
        world.environment().files().put(Path.of(file), new SparseBytes(bytes));
        stage.call("bdev_aio_create", "name", name, "filename", file, "block_size", BLOCK, "uuid", uuid);
        stage.call("bdev_wait_for_examine");
    }
}
