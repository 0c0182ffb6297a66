package dev.karst.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.testkit.TestModule;
import dev.karst.env.Environment;
import dev.karst.env.Memory;
import dev.karst.env.sim.SimRandom;
import dev.karst.env.unix.UnixServer;
import dev.karst.env.unix.UnixSocket;
import dev.karst.env.unix.UnixSockets;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Reactors;
import dev.karst.spec.virtio.BlkRequest;
import dev.karst.vhost.blk.BlkDevice;
import dev.karst.vhost.master.BlkDriver;
import dev.karst.vhost.master.GuestRing;
import dev.karst.vhost.master.GuestRing.Piece;
import dev.karst.vhost.master.Master;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A controller on a machine that has no room for a front-end at times. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ControllerTest {
    private static final int SIZE = 64;
    private static final String NAME = "scarce";

    private final AtomicInteger noDescriptors = new AtomicInteger();
    private final AtomicInteger noMemory = new AtomicInteger();

    @TempDir
    private Path folder;
    private Bench bench;
    private VhostTarget target;

    /** One whose method of that name gives something else. */
    private static <T> T with(Class<T> type, T real, String name, UnaryOperator<Object> made) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (_, method, arguments) -> {
            try {
                Object result = method.invoke(real, arguments);
                return method.getName().equals(name) ? made.apply(result) : result;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }));
    }

    private static void fail(AtomicInteger times, int errno) throws StorageException {
        if (times.getAndUpdate(left -> Math.max(left - 1, 0)) > 0) {
            throw StorageException.errno(errno, "there are no more");
        }
    }

    private UnixServer scarce(UnixServer real) {
        return new UnixServer() {
            @Override
            public UnixSocket accept(long timeoutMs) throws StorageException {
                fail(noDescriptors, Errno.EMFILE);
                return real.accept(timeoutMs);
            }

            @Override
            public void close() {
                real.close();
            }
        };
    }

    private Memory scarce(Memory real) {
        return (Memory) Proxy.newProxyInstance(Memory.class.getClassLoader(), new Class<?>[] {Memory.class}, (_, method, arguments) -> {
            if (method.getName().equals("allocate")) {
                fail(noMemory, Errno.ENOMEM);
            }
            try {
                return method.invoke(real, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    @BeforeEach
    void open() throws Exception {
        bench = new Bench(folder, false);
        Environment scarce = with(Environment.class, bench.environment, "unixSockets",
            sockets -> with(UnixSockets.class, (UnixSockets) sockets, "listen", server -> scarce((UnixServer) server)));
        target = bench.target(with(Environment.class, scarce, "memory", memory -> scarce((Memory) memory)),
            bench.stage.reactors(), folder);
    }

    @AfterEach
    void close() {
        target.close();
        bench.close();
    }

    private void create() throws StorageException {
        target.createBlk(NAME, Bench.BDEV, bench.stage.reactors().all(), new BlkDevice.Options(true, false));
    }

    private void assertServed() throws Exception {
        try (var master = new Master(bench.environment, folder.resolve(NAME))) {
            assertEquals(BlkRequest.S_OK, new BlkDriver(master.begin(SIZE, 0)).read(0, 4096));
        }
    }

    @Test
    void shouldServeFrontEndsAgainWhenThereWereNoDescriptors() throws Exception {
        noDescriptors.set(2);
        create();
        assertServed();
    }

    @Test
    void shouldTurnAFrontEndAwayAndServeTheNextWhenThereWasNoMemory() throws Exception {
        create();
        noMemory.set(1);
        try (var master = new Master(bench.environment, folder.resolve(NAME))) {
            assertTrue(master.isClosedByTarget(Master.WAIT_MS), "nobody serves it, and it is not told");
        }
        assertServed();
    }

    @Test
    void shouldEndAtOnceWhenItIsDeletedBesideAFailure() throws Exception {
        noDescriptors.set(Integer.MAX_VALUE);
        create();
        target.delete(NAME);
        assertFalse(Files.exists(folder.resolve(NAME)));
    }

    /** Waits only for so long. */
    private record Impatient(Reactors real) implements Reactors {
        private static final long MOST_MS = 200;

        @Override
        public List<Reactor> all() {
            return real.all();
        }

        @Override
        public Reactor next() {
            return real.next();
        }

        @Override
        public <T> T await(CompletableFuture<T> future, long timeoutMs, String what) throws StorageException {
            return real.await(future, Math.min(timeoutMs, MOST_MS), what);
        }
    }

    @Test
    void shouldEndTheOthersWhenOneHasRequestsThatDoNotEnd() throws Exception {
        var module = new TestModule(new SimRandom(1));
        bench.stage.add(module);
        module.create("Held", 1024, false, true);
        Reactor reactor = bench.stage.reactors().all().getFirst();
        VhostTarget impatient = bench.target(bench.environment, new Impatient(bench.stage.reactors()), folder);
        impatient.createBlk("held", "Held", List.of(reactor), new BlkDevice.Options(false, false));
        impatient.createBlk("other", Bench.BDEV, List.of(reactor), new BlkDevice.Options(true, false));
        try (var master = new Master(bench.environment, folder.resolve("held"))) {
            GuestRing ring = master.begin(SIZE, 0);
            module.holds = true;
            BlkDriver.prepare(master.guest, BlkRequest.T_FLUSH, 0);
            ring.add(new Piece(BlkDriver.HEADER, BlkRequest.BYTES, false), new Piece(BlkDriver.STATUS, 1, true));
            ring.kick();
            bench.awaitOn(reactor, () -> module.held.size() == 1);
            impatient.close();
            assertFalse(Files.exists(folder.resolve("other")), "it still listens");
            bench.stage.on(reactor, module::release);
        }
        impatient.close();
        assertEquals(List.of(), impatient.controllers());
    }
}
