package dev.karst.itests.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.itests.KarstInstance;
import dev.karst.nvme.Command;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.TransportId;
import dev.karst.nvme.core.PolledDriver;
import dev.karst.nvme.tcp.TcpFabrics;
import dev.karst.reactor.core.PinnedReactors;
import dev.karst.spec.nvme.Opcode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver's initiator against the NVMe/TCP target of a Linux kernel: discovery, digests, and data of every length. */
class NvmeKernelTargetGuestIT extends GuestTest {
    private static final int BLOCKS = 2048;
    private static final int MOST_BLOCKS = 256;
    private static final int WRITES = 200;

    @ParameterizedTest
    @ValueSource(strings = {"6.1", "6.12"})
    void shouldKeepDataWhenTheTargetIsLinux(String kernel) throws IOException {
        int port = KarstInstance.freePort();
        Path job = RUNS.resolve("kernel-target-" + kernel);
        GuestRunner.delete(job);
        Files.createDirectories(job);
        List<String> options = List.of("-k", kernel, "-c", "2", "-f", port + ":4420");
        try (GuestRunner guest = GuestRunner.start(job, options, LIMIT, List.of(), "kernel-target.sh", "none")) {
            guest.awaitSuccess(words -> {
                assertEquals(List.of("serving"), words);
                try {
                    drive(port);
                } catch (StorageException e) {
                    throw new IOException(e);
                }
            });
        }
    }

    private static void drive(int port) throws StorageException {
        var environment = new LinuxEnvironment();
        var reactors = new PinnedReactors(environment);
        var driver = new PolledDriver(environment, reactors);
        driver.add(new TcpFabrics(environment, reactors));
        try {
            TransportId id = TransportId.tcp("127.0.0.1", port, REFERENCE);
            List<TransportId> found = driver.discover(id, options(false, false));
            assertTrue(found.stream().anyMatch(each -> each.subsystem().equals(REFERENCE)), found.toString());
            for (int digests = 0; digests < 4; digests++) {
                NvmeController controller = driver.attach(id, options((digests & 1) != 0, (digests & 2) != 0));
                assertEquals(1, controller.namespaces().size());
                verify(controller, new Random(digests));
                controller.detach();
            }
        } finally {
            driver.close();
            reactors.stop();
            environment.close();
        }
    }

    private static ControllerOptions options(boolean headerDigest, boolean dataDigest) {
        ControllerOptions standard = ControllerOptions.standard();
        return new ControllerOptions(
            standard.queueEntries(), standard.adminEntries(), standard.keepAliveMs(), "", "", "", headerDigest, dataDigest, true,
            true, false, standard.timeouts());
    }

    /** Writes in capsules and by R2T, and reads back what was written, in other pieces. */
    private static void verify(NvmeController controller, Random random) throws StorageException {
        int block = controller.namespaces().getFirst().format().blockSize();
        byte[] model = new byte[BLOCKS * block];
        transfer(controller, Opcode.NVM_WRITE_ZEROES, 0, BLOCKS, null, 0);
        for (int i = 0; i < WRITES; i++) {
            int blocks = 1 + random.nextInt(random.nextBoolean() ? 8 : MOST_BLOCKS);
            int first = random.nextInt(BLOCKS - blocks);
            byte[] data = new byte[blocks * block];
            random.nextBytes(data);
            transfer(controller, Opcode.NVM_WRITE, first, blocks, data, 0);
            System.arraycopy(data, 0, model, first * block, data.length);
            int from = random.nextInt(BLOCKS - MOST_BLOCKS);
            byte[] read = transfer(controller, Opcode.NVM_READ, from, MOST_BLOCKS, null, MOST_BLOCKS * block);
            assertArrayEquals(Arrays.copyOfRange(model, from * block, (from + MOST_BLOCKS) * block), read);
        }
    }

    private static byte[] transfer(NvmeController controller, int opcode, int first, int blocks, byte[] data, int bytes)
        throws StorageException {
        Command command = Command.of(opcode, 1).with(new Command.Dwords(first, 0, blocks - 1, 0, 0, 0));
        return controller.io(data == null ? command.receiving(bytes) : command.sending(data)).data();
    }
}
