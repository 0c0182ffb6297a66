package dev.karst.nvmf.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.StorageException;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.core.FakeConnection.Answer;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * Writes over two paths while people change the states of paths, move, hide and show the namespace, and pause the
 * subsystem: what is refused has not been done, what is answered is there, and nothing fails for another reason.
 */
class ControlStormSimTest {
    private static final int BLOCKS = 64;
    private static final int BLOCK_BYTES = 512;
    private static final Set<Integer> REFUSALS = Set.of(
        NvmeStatus.ASYMMETRIC_ACCESS_INACCESSIBLE, NvmeStatus.ASYMMETRIC_ACCESS_PERSISTENT_LOSS,
        NvmeStatus.ASYMMETRIC_ACCESS_TRANSITION, NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR);
    private static final List<String> STATES =
        List.of("optimized", "optimized", "non_optimized", "inaccessible", "persistent_loss", "change");
    private static final List<String> PORTS = List.of("4420", "4421");

    private final List<FakeConnection> paths = new ArrayList<>();
    private final byte[] model = new byte[BLOCKS * BLOCK_BYTES];
    private int refused;
    private int done;

    /** A write that is under way. */
    private record Write(int block, byte[] data, CompletableFuture<Answer> answer) {}

    private Stage stage(SimWorld world, int lostOneIn) throws Exception {
        var stage = new Stage(world);
        stage.module.usualNanos = world.random().oneIn(3) ? 0 : 1 + world.random().below(100_000);
        stage.module.refuseOneIn = world.random().oneIn(2) ? 0 : 3;
        stage.module.lostOneIn = lostOneIn;
        stage.call("nvmf_create_transport", "trtype", "TCP");
        stage.module.create("Disk", BLOCKS, false, false);
        stage.call("nvmf_create_subsystem", "nqn", Stage.NQN, "ana_reporting", true, "max_namespaces", 4);
        stage.call("nvmf_subsystem_add_host", "nqn", Stage.NQN, "host", Stage.HOST);
        stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace",
            Map.of("bdev_name", "Disk", "no_auto_visible", true));
        paths.clear();
        Arrays.fill(model, (byte) 0);
        for (String port : PORTS) {
            stage.call("nvmf_subsystem_add_listener", "nqn", Stage.NQN, "listen_address", Stage.address(port));
            var host = new Host(stage, world.reactors().next(), new Host.Connecting(),
                new ListenAddress("TCP", "IPv4", "127.0.0.1", port));
            paths.add(host.ioQueue(world.reactors().next()));
        }
        return stage;
    }

    private static void attempt(Stage stage, String method, Object... namesAndValues) {
        try {
            stage.call(method, namesAndValues);
        } catch (StorageException e) {
            FakeConnection.check(e.getMessage().startsWith("Invalid parameters"), e.getMessage());
        }
    }

    private static void changeSomething(Stage stage, SimWorld world) {
        switch (world.random().below(6)) {
            case 0, 1 -> attempt(stage, "nvmf_subsystem_listener_set_ana_state", "nqn", Stage.NQN, "listen_address",
                Stage.address(PORTS.get(world.random().below(2))), "ana_state",
                STATES.get(world.random().below(STATES.size())));
            case 2 -> attempt(stage, "nvmf_subsystem_set_ns_ana_group", "nqn", Stage.NQN, "nsid", 1, "anagrpid",
                1 + world.random().below(4));
            case 3 -> attempt(stage, "nvmf_ns_remove_host", "nqn", Stage.NQN, "nsid", 1, "host", Stage.HOST);
            default -> attempt(stage, "nvmf_ns_add_host", "nqn", Stage.NQN, "nsid", 1, "host", Stage.HOST);
        }
    }

    private List<Write> write(SimWorld world) throws Exception {
        var writes = new ArrayList<Write>();
        for (int block = world.random().below(8); block < BLOCKS; block += 8) {
            byte[] data = new byte[BLOCK_BYTES];
            world.random().bytes(data);
            FakeConnection path = paths.get(world.random().below(2));
            int at = block;
            writes.add(new Write(block, data, world.call(path.reactor(), () ->
                path.send(sqe -> Host.transfer(sqe, Opcode.NVM_WRITE, at, 1), 0, data).answered)));
        }
        return writes;
    }

    private void settle(SimWorld world, List<Write> writes) throws Exception {
        for (Write write : writes) {
            int status = world.get(write.answer).status();
            if (status == NvmeStatus.SUCCESSFUL_COMPLETION) {
                System.arraycopy(write.data, 0, model, write.block * BLOCK_BYTES, BLOCK_BYTES);
                done++;
            } else {
                FakeConnection.check(REFUSALS.contains(status), NvmeStatus.text(status));
                refused++;
            }
        }
    }

    private void storm(SimWorld world, int lostOneIn) throws Exception {
        Stage stage = stage(world, lostOneIn);
        for (int round = 0; round < 30; round++) {
            boolean paused = world.random().oneIn(3);
            List<Write> before = write(world);
            if (paused) {
                stage.call("karst_nvmf_subsystem_pause", "nqn", Stage.NQN);
                FakeConnection.check(before.stream().allMatch(write -> write.answer.isDone()), "I/O while paused");
            }
            settle(world, before);
            List<Write> during = write(world);
            changeSomething(stage, world);
            if (paused) {
                FakeConnection.check(during.stream().noneMatch(write -> write.answer.isDone()), "not held");
                stage.call("karst_nvmf_subsystem_resume", "nqn", Stage.NQN);
            }
            settle(world, during);
        }
        verify(stage, world);
        stage.close();
    }

    private void verify(Stage stage, SimWorld world) throws Exception {
        attempt(stage, "nvmf_ns_add_host", "nqn", Stage.NQN, "nsid", 1, "host", Stage.HOST);
        for (String port : PORTS) {
            stage.call("nvmf_subsystem_listener_set_ana_state", "nqn", Stage.NQN, "listen_address",
                Stage.address(port), "ana_state", "optimized");
        }
        for (int block = 0; block < BLOCKS; block++) {
            int at = block;
            Answer answer = Host.send(stage, paths.get(block % 2), sqe -> {
                Host.transfer(sqe, Opcode.NVM_READ, at, 1);
                Sqe.NSID.set(sqe, 1);
            }, BLOCK_BYTES, null);
            FakeConnection.check(Arrays.equals(answer.data(),
                Arrays.copyOfRange(model, block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES)), "other data in " + block);
        }
    }

    @Test
    void shouldDoWhatItAnswersAndNothingElseWhileItIsChanged() {
        SimWorld.run(1, 60, world -> storm(world, 0));
        FakeConnection.check(done > 5_000 && refused > 1_000, done + " done, " + refused + " refused: no storm");
    }

    @Test
    void shouldNoticeWhenADeviceLosesWrites() {
        int noticed = 0;
        for (int seed = 0; seed < 10; seed++) {
            try (var world = new SimWorld(seed, 2)) {
                storm(world, 4);
            } catch (AssertionError e) {
                noticed++;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
        assertEquals(10, noticed, "a device that loses writes went unnoticed");
    }
}
