package dev.karst.itests.nvme;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.env.Region;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeNamespace;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.nvme.NvmeRequest;
import dev.karst.nvme.TransportId;
import dev.karst.nvme.core.PolledDriver;
import dev.karst.nvme.vfiouser.VfioUserTransport;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.core.PinnedReactors;
import dev.karst.spec.nvme.Opcode;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The driver on a controller that another program serves, such as SPDK's nvmf_tgt. Run by name, since a build has no such program: {@code
 * -Dit.test=VfioUserTrial -Dkarst.vfiouser.path=FOLDER}. Its first namespace is written to.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class VfioUserTrial {
    private static final String PATH = System.getProperty("karst.vfiouser.path");
    private static final long MEMORY = 512L << 20;
    private static final int DEPTH = 64;
    private static final int MOST_BYTES = 128 << 10;

    private LinuxEnvironment environment;
    private PinnedReactors reactors;
    private PolledDriver driver;
    private NvmeController controller;
    private NvmeNamespace namespace;
    private Reactor reactor;
    private NvmeQueuePair queue;

    /** Ends with what it ended with. */
    private static final class Io extends NvmeRequest {
        private final AtomicInteger ends = new AtomicInteger();
        private CompletableFuture<Integer> end = new CompletableFuture<>();

        Io() {
            super(4);
        }

        @Override
        protected void ended(int status) {
            ends.incrementAndGet();
            end.complete(status);
        }
    }

    @BeforeEach
    void attach() throws StorageException {
        assertNotNull(PATH, "-Dkarst.vfiouser.path names the folder of a controller that another program serves");
        environment = new LinuxEnvironment(MEMORY, false, true);
        reactors = new PinnedReactors(environment);
        driver = new PolledDriver(environment, reactors);
        driver.add(new VfioUserTransport(environment));
        controller = driver.attach(TransportId.vfiouser(PATH), ControllerOptions.standard());
        namespace = controller.namespaces().getFirst();
        reactor = reactors.all().getFirst();
        queue = controller.openQueuePair(reactor);
    }

    @AfterEach
    void detach() {
        if (driver != null) {
            driver.close();
            reactors.stop();
            environment.close();
        }
    }

    private CompletableFuture<Integer> submit(Io io) throws StorageException {
        io.end = new CompletableFuture<>();
        int status = reactors.call(reactor, here -> queue.submit(io));
        assertEquals(Status.OK, status);
        return io.end;
    }

    private Io io(int opcode, long slba, Region region, int bytes) {
        var io = new Io();
        io.command(opcode, namespace.nsid());
        io.range(slba, bytes / namespace.format().blockSize());
        io.data.set(region.address(), bytes);
        return io;
    }

    private static byte[] bytes(Region region, int length) {
        byte[] bytes = new byte[length];
        Mem.get(region.address(), bytes, 0, length);
        return bytes;
    }

    @Test
    void shouldSayWhatItIs() {
        assertEquals(NvmeController.State.READY, controller.state());
        assertFalse(controller.data().serialNumber().isEmpty());
        assertTrue(namespace.blocks() > 0);
    }

    @Test
    void shouldReadBackWhatWasWritten() throws Exception {
        var random = new SplittableRandom(7);
        Region out = environment.memory().allocate("out", MOST_BYTES);
        Region in = environment.memory().allocate("in", MOST_BYTES);
        int most = (int) Math.min(MOST_BYTES, controller.data().limits().maxTransferBytes());
        int block = namespace.format().blockSize();
        for (int round = 0; round < 300; round++) {
            int length = (1 + random.nextInt(most / block)) * block;
            long slba = random.nextLong(namespace.blocks() - length / block);
            byte[] content = new byte[length];
            random.nextBytes(content);
            Mem.put(out.address(), content, 0, length);
            assertEquals(0, submit(io(Opcode.NVM_WRITE, slba, out, length)).get());
            assertEquals(0, submit(io(Opcode.NVM_READ, slba, in, length)).get());
            assertArrayEquals(content, bytes(in, length));
        }
    }

    @Test
    void shouldBeWokenByTheControllerWhenTheReactorSleeps() throws Exception {
        reactor.idlePolicy(IdlePolicy.INTERRUPT);
        Region region = environment.memory().allocate("data", namespace.format().blockSize());
        for (int round = 0; round < 100; round++) {
            assertEquals(0, submit(io(Opcode.NVM_READ, round, region, namespace.format().blockSize())).get());
        }
    }

    @Test
    void shouldEndEachRequestOnceWhenTheControllerIsReset() throws Exception {
        Region region = environment.memory().allocate("data", MOST_BYTES);
        for (int round = 0; round < 5; round++) {
            List<Io> ios = new ArrayList<>();
            List<CompletableFuture<Integer>> ends = new ArrayList<>();
            for (int i = 0; i < DEPTH; i++) {
                Io io = io(Opcode.NVM_READ, i, region, namespace.format().blockSize());
                ios.add(io);
                ends.add(submit(io));
            }
            controller.reset();
            for (CompletableFuture<Integer> end : ends) {
                end.get();
            }
            ios.forEach(io -> assertEquals(1, io.ends.get()));
            assertEquals(0, submit(io(Opcode.NVM_READ, 0, region, namespace.format().blockSize())).get());
        }
    }

    @Test
    void shouldAttachAgainWhenItWasDetached() throws Exception {
        for (int round = 0; round < 3; round++) {
            controller.detach();
            assertTrue(driver.controllers().isEmpty());
            controller = driver.attach(TransportId.vfiouser(PATH), ControllerOptions.standard());
            assertEquals(namespace.ids(), controller.namespaces().getFirst().ids());
        }
    }
}
