package dev.karst.nvme.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.nvme.AdminCommand;
import dev.karst.nvme.Command;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeEvents;
import dev.karst.nvme.NvmeException;
import dev.karst.nvme.NvmeNamespace;
import dev.karst.nvme.Reply;
import dev.karst.nvme.testkit.controller.Traits;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.Opcode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What those do who manage controllers. */
class AdminCommandsSimTest {
    private static final int SEEDS = 5;
    private static final int SANITIZE_LOG = 0x81;
    private static final int SELF_TEST_LOG = 6;
    private static final int RESERVATION_LOG = 0x80;
    private static final String OTHER_HOST = "000000000000000000000000000000ff";
    private static final int IO_EVENT = 6;

    /** A test on a stage. */
    @FunctionalInterface
    private interface Script {
        void play(SimStage stage) throws Exception;
    }

    private static void play(Script script) {
        SimWorld.run(1, SEEDS, world -> {
            var stage = new SimStage(world, Traits.any(world.random()), Settings.plain(512));
            stage.attach(SimStage.options(0, -1));
            script.play(stage);
            stage.finish();
        });
    }

    private static Reply admin(SimStage stage, Command command) throws Exception {
        return stage.world.background(() -> stage.controller.admin(command));
    }

    private static byte[] log(SimStage stage, int page) throws Exception {
        return admin(stage, Command.logPage(AdminCommand.ALL, page, 0, 0, 512)).data();
    }

    @Test
    void shouldMakeAttachFormatAndDeleteANamespace() {
        play(stage -> {
            int nsid = (int) admin(stage, AdminCommand.createNamespace(1000, new AdminCommand.Format(1, false, 0, false), true)).result();
            admin(stage, AdminCommand.attachNamespace(nsid, stage.controller.data().controllerId()));
            stage.world.until(() -> stage.controller.namespace(nsid).isPresent());
            NvmeNamespace namespace = stage.controller.namespace(nsid).orElseThrow();
            assertEquals(1000, namespace.blocks());
            assertEquals(4096, namespace.format().blockSize());
            admin(stage, AdminCommand.format(nsid, new AdminCommand.Format(3, true, 1, true), 0));
            stage.world.until(() -> stage.controller.namespace(nsid).orElseThrow().format().protection() == 1);
            assertTrue(stage.controller.namespace(nsid).orElseThrow().format().extended());
            assertTrue(stage.controller.namespace(nsid).orElseThrow().format().protectionFirst());
            admin(stage, AdminCommand.detachNamespace(nsid, stage.controller.data().controllerId()));
            admin(stage, AdminCommand.deleteNamespace(nsid));
            stage.world.until(() -> stage.controller.namespace(nsid).isEmpty());
            assertThrows(NvmeException.class, () -> admin(stage, AdminCommand.deleteNamespace(nsid)));
        });
    }

    @Test
    void shouldRunNewFirmwareOnceItIsReset() {
        play(stage -> {
            byte[] image = Arrays.copyOf("FWSIM-2.0 ".getBytes(StandardCharsets.US_ASCII), 8192);
            admin(stage, AdminCommand.downloadFirmware(0, Arrays.copyOf(image, 4096)));
            admin(stage, AdminCommand.downloadFirmware(4096, new byte[4096]));
            admin(stage, AdminCommand.commitFirmware(2, 1));
            stage.world.background(() -> {
                stage.controller.reset();
                return null;
            });
            assertEquals("SIM-2.0", stage.controller.data().firmwareRevision());
        });
    }

    @Test
    void shouldSanitizeAndTestTheController() {
        play(stage -> {
            stage.disk.write(0, new byte[] {1}, new byte[0]);
            admin(stage, AdminCommand.sanitize(2, 0));
            int rounds = 0;
            while ((log(stage, SANITIZE_LOG)[2] & 7) == 2) {
                assertTrue(++rounds < 100);
            }
            assertEquals(1, log(stage, SANITIZE_LOG)[2] & 7);
            assertEquals(0, stage.disk.data(0, 1)[0]);
            admin(stage, AdminCommand.selfTest(AdminCommand.ALL, 1));
            assertThrows(NvmeException.class, () -> admin(stage, AdminCommand.selfTest(AdminCommand.ALL, 1)));
            while (log(stage, SELF_TEST_LOG)[0] != 0) {
                assertTrue(++rounds < 100);
            }
        });
    }

    @Test
    void shouldPassSecurityProtocolsAndDirectives() {
        play(stage -> {
            byte[] secret = "a secret".getBytes(StandardCharsets.US_ASCII);
            admin(stage, AdminCommand.securitySend(0xf0, 5, secret));
            assertArrayEquals(secret, admin(stage, AdminCommand.securityReceive(0xf0, 5, secret.length)).data());
            assertEquals(1, admin(stage, AdminCommand.directiveReceive(1, 0, 1, 0, 4096)).data()[32]);
            admin(stage, AdminCommand.directiveSend(1, 0, 1, 0, 1 | 1 << 8));
            assertEquals(3, admin(stage, AdminCommand.directiveReceive(1, 0, 1, 0, 4096)).data()[32]);
            assertEquals(16, admin(stage, AdminCommand.directiveReceive(1, 1, 1, 0, 32)).data()[0]);
        });
    }

    @Test
    void shouldSayWhenAReservationIsTakenAway() {
        play(stage -> {
            int[] told = new int[1];
            stage.controller.watch(new NvmeEvents() {
                @Override
                public void asynchronousEvent(NvmeController controller, int type, int info, int logPage) {
                    told[0] += type == IO_EVENT && logPage == RESERVATION_LOG ? 1 : 0;
                }
            });
            stage.world.background(() -> {
                stage.controller.io(Command.of(Opcode.NVM_RESERVATION_REGISTER, 1).sending(keys(0, 7)));
                stage.controller.io(Command.of(Opcode.NVM_RESERVATION_ACQUIRE, 1).with(1 << 8, 0).sending(keys(7, 0)));
                return null;
            });
            stage.disk.reservations().register(OTHER_HOST, 9, false, false, 0);
            stage.disk.reservations().preempt(OTHER_HOST, 9, 7, 1);
            stage.world.until(() -> told[0] > 0);
            Reply report = stage.world.background(() ->
                stage.controller.io(Command.of(Opcode.NVM_RESERVATION_REPORT, 1).with(15, 1).receiving(64)));
            assertEquals(1, report.data()[5], "registrants");
        });
    }

    private static byte[] keys(long current, long other) {
        return ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(current).putLong(other).array();
    }
}
