package dev.karst.nvmf.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Region;
import dev.karst.nvmf.core.FakeConnection.Answer;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.IdentifyNamespace;
import dev.karst.spec.nvme.NvmeStatus;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A transport that makes protection information for hosts that know nothing of it, and takes it off. */
class InsertOrStripTest {
    private static final int BLOCKS = 64;

    /** With namespace 1, which has protection information. */
    private static Stage stage(SimWorld world, boolean strips, int metadataBytes, int format) throws Exception {
        var stage = new Stage(world);
        stage.call("nvmf_create_transport", "trtype", "TCP", "dif_insert_or_strip", strips);
        stage.call("bdev_malloc_create", "name", "Protected", "num_blocks", BLOCKS, "block_size", 512, "md_size", metadataBytes,
            "md_interleave", true, "dif_type", 1, "dif_pi_format", format);
        stage.call("nvmf_create_subsystem", "nqn", Stage.NQN, "allow_any_host", true);
        stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace", Map.of("bdev_name", "Protected"));
        stage.call("nvmf_subsystem_add_listener", "nqn", Stage.NQN, "listen_address", Stage.address("4420"));
        return stage;
    }

    private static long memoryOf(Stage stage) {
        return stage.world.environment().memory().regions().stream()
            .filter(region -> region.name().startsWith("bdev.malloc/")).mapToLong(Region::address).findAny().orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"8, 0", "64, 0", "16, 2"})
    void shouldKeepProtectionThatTheHostDoesNotSeeWhenTheTransportInserts(int metadataBytes, int format) {
        SimWorld.run(1, 3, world -> {
            Stage stage = stage(world, true, metadataBytes, format);
            var host = new Host(stage, world.reactor(0));
            byte[] page = host.identify(IdentifyCommand.CNS_NAMESPACE, 1).data();
            assertEquals(0, Host.look(stage, page, IdentifyNamespace.LBAF0_MS::get));
            assertEquals(0, Host.look(stage, page, IdentifyNamespace.DPS::get));
            FakeConnection io = host.ioQueue(world.reactors().next());
            byte[] data = new byte[1024];
            Arrays.fill(data, (byte) 7);
            assertEquals(0, host.write(io, 5, 2, data).status());
            Answer answer = host.read(io, 5, 2, 1024);
            assertArrayEquals(data, answer.data());
            long block = memoryOf(stage) + 6L * (512 + metadataBytes);
            assertEquals(6, Integer.reverseBytes(Mem.getInt(block + 512 + metadataBytes - 4)), "the reference tag");
            Mem.setByte(block + 9, (byte) 8);
            assertEquals(NvmeStatus.END_TO_END_GUARD_CHECK_ERROR, host.read(io, 5, 2, 1024).status());
            stage.close();
        });
    }

    @Test
    void shouldShowProtectionWhenTheTransportDoesNotInsert() {
        SimWorld.run(2, 1, world -> {
            Stage stage = stage(world, false, 8, 0);
            byte[] page = new Host(stage, world.reactor(0)).identify(IdentifyCommand.CNS_NAMESPACE, 1).data();
            assertEquals(8, Host.look(stage, page, IdentifyNamespace.LBAF0_MS::get));
            stage.close();
        });
    }

    @Test
    void shouldSaveAndShowThatTheTransportInserts() {
        SimWorld.run(3, 1, world -> {
            Stage stage = stage(world, true, 8, 0);
            var shown = (Map<?, ?>) ((List<?>) stage.call("nvmf_get_transports")).getFirst();
            assertEquals(true, shown.get("dif_insert_or_strip"));
            assertTrue(stage.management.calls().stream().anyMatch(call -> call.method().equals("nvmf_create_transport")
                && call.parameters().get("dif_insert_or_strip").equals(true)), "not saved");
            stage.close();
        });
    }

    @Test
    void shouldRefuseTheOptionWhenANamespaceShowsProtectionAlready() {
        SimWorld.run(4, 1, world -> {
            var stage = new Stage(world);
            stage.call("bdev_malloc_create", "name", "Protected", "num_blocks", BLOCKS, "block_size", 512, "md_size", 8,
                "md_interleave", true, "dif_type", 1);
            stage.call("nvmf_create_subsystem", "nqn", Stage.NQN, "allow_any_host", true);
            stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace", Map.of("bdev_name", "Protected"));
            var refused = assertThrows(StorageException.class,
                () -> stage.call("nvmf_create_transport", "trtype", "TCP", "dif_insert_or_strip", true));
            assertTrue(refused.getMessage().contains("dif_insert_or_strip comes too late"), refused.getMessage());
            stage.call("nvmf_create_transport", "trtype", "TCP");
            stage.close();
        });
    }
}
