package dev.karst.nvmf.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.nvmf.core.FakeConnection.Answer;
import dev.karst.nvmf.core.ReservingHost.Report;
import dev.karst.nvmf.core.ReservingHost.Reported;
import dev.karst.nvmf.core.reservation.ReservationState;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.FeaturesCommand;
import dev.karst.spec.nvme.GetLogPageCommand;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.IdentifyController;
import dev.karst.spec.nvme.IdentifyNamespace;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvme.reservation.ReservationLog;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

/** Reservations as hosts see them: who may do what, who is told, and what a power loss leaves. */
class ReservationTest {
    private static final int CONFLICT = NvmeStatus.RESERVATION_CONFLICT | NvmeStatus.DNR;
    private static final int INVALID = NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
    private static final int RESERVATION_EVENT = 6 | 0x80 << 16;
    private static final Path FILE = Path.of("/data/ns1.reservations");

    /** Something done with two hosts of two I/O queues each. */
    private interface Body {
        void run(Stage stage, ReservingHost one, ReservingHost other) throws Exception;
    }

    private static void with(String ptplFile, Body body) {
        SimWorld.run(1, 4, world -> {
            Stage stage = Stage.usual(world);
            if (ptplFile != null) {
                stage.call("nvmf_subsystem_remove_ns", "nqn", Stage.NQN, "nsid", 1);
                add(stage, ptplFile);
            }
            body.run(stage, new ReservingHost(stage, 1, 2), new ReservingHost(stage, 2, 2));
            stage.close();
        });
    }

    private static void add(Stage stage, String ptplFile) throws StorageException {
        stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace",
            Map.of("bdev_name", "Malloc0", "nsid", 1L, "ptpl_file", ptplFile));
    }

    private static void expect(int status, int actual) {
        assertEquals(NvmeStatus.text(status), NvmeStatus.text(actual));
    }

    @Test
    void shouldLetOnlyTheHolderWriteWhenItIsWriteExclusive() {
        with(null, (stage, one, other) -> {
            expect(0, one.join(0xa1));
            expect(0, other.join(0xb1));
            expect(0, other.io(Opcode.NVM_WRITE));
            expect(0, one.acquire(0, 1, 0xa1, 0));
            for (int opcode : new int[] {Opcode.NVM_WRITE, Opcode.NVM_WRITE_ZEROES, Opcode.NVM_FLUSH}) {
                expect(CONFLICT, other.io(opcode));
                expect(0, one.io(opcode));
            }
            expect(0, other.io(Opcode.NVM_READ));
            expect(CONFLICT, other.acquire(0, 1, 0xb1, 0));
            expect(0, one.release(0, 1, 0xa1));
            expect(0, other.io(Opcode.NVM_WRITE));
        });
    }

    /** Commands that are not there yet may say so; what must not be is that they are executed. */
    private static void expectRefusal(int status) {
        assertTrue(status == CONFLICT || status == (NvmeStatus.INVALID_COMMAND_OPCODE | NvmeStatus.DNR)
            || status == (NvmeStatus.ABORTED_MISSING_FUSED | NvmeStatus.DNR)
            || status == NvmeStatus.ABORTED_FAILED_FUSED, NvmeStatus.text(status));
    }

    @Test
    void shouldShutOutCommandsOfEachKindAndFusedOnes() {
        with(null, (stage, one, other) -> {
            expect(0, one.join(0xa1));
            expect(0, one.acquire(0, 2, 0xa1, 0));
            for (int opcode : new int[] {Opcode.NVM_COMPARE, Opcode.NVM_COPY}) {
                expectRefusal(Host.send(stage, other.queue(), sqe -> Host.transfer(sqe, opcode, 0, 1), 0,
                    new byte[512]).status());
            }
            expectRefusal(other.io(Opcode.NVM_VERIFY));
            FakeConnection queue = other.queue();
            byte[] fresh = new byte[512];
            fresh[0] = 7;
            var both = stage.world.call(queue.reactor(), () -> List.of(
                queue.send(fused(Opcode.NVM_COMPARE, Sqe.FUSE_FIRST), 0, new byte[512]).answered,
                queue.send(fused(Opcode.NVM_WRITE, Sqe.FUSE_SECOND), 0, fresh).answered));
            for (CompletableFuture<Answer> answer : both) {
                expectRefusal(stage.world.get(answer).status());
            }
            assertEquals(0, one.host.read(one.queue(), 3, 1, 512).data()[0]);
        });
    }

    private static LongConsumer fused(int opcode, int fuse) {
        return sqe -> {
            Host.transfer(sqe, opcode, 3, 1);
            Sqe.FUSE.set(sqe, fuse);
        };
    }

    @Test
    void shouldTakeNoReservationFromAHostWithoutAnIdentifier() {
        with(null, (stage, one, other) -> {
            var connecting = new Host.Connecting();
            connecting.hostId = new byte[16];
            var nobody = new Host(stage, stage.world.reactor(0), connecting);
            FakeConnection queue = nobody.ioQueue(stage.world.reactor(0));
            byte[] keys = new byte[16];
            keys[8] = 1;
            expect(INVALID, Host.send(stage, queue,
                ReservingHost.command(Opcode.NVM_RESERVATION_REGISTER, 0, 1), 0, keys).status());
            assertEquals(0, one.report().count());
        });
    }

    @Test
    void shouldNameCapabilitiesWhereHostsLookForThem() {
        for (String file : new String[] {null, FILE.toString()}) {
            with(file, (stage, one, other) -> {
                Answer namespace = one.host.identify(IdentifyCommand.CNS_NAMESPACE, 1);
                assertEquals(file == null ? 0xfe : 0xff, namespace.data()[IdentifyNamespace.RESCAP.offset()] & 0xff);
                Answer independent = one.host.identify(IdentifyCommand.CNS_INDEPENDENT_NAMESPACE, 1);
                assertEquals(file == null ? 0xfe : 0xff, independent.data()[2] & 0xff);
                assertEquals(1, namespace.data()[IdentifyNamespace.NMIC.offset()] & 1);
                Answer controller = one.host.identify(IdentifyCommand.CNS_CONTROLLER, 0);
                assertEquals(0x20, controller.data()[IdentifyController.ONCS.offset()] & 0x20);
                byte[] effects = one.host.log(GetLogPageCommand.LID_EFFECTS, 0, 4096).data();
                for (int opcode : new int[] {0x0d, 0x0e, 0x11, 0x15}) {
                    assertEquals(1, effects[1024 + 4 * opcode]);
                }
                assertEquals(1, one.host.log(0, 0, 1024).data()[0x80 * 4]);
            });
        }
    }

    @Test
    void shouldReportOneRegistrantForAHostWithTwoControllers() {
        with(null, (stage, one, other) -> {
            expect(0, one.join(0xa1));
            expect(0, other.join(0xb1));
            var again = new ReservingHost(stage, 1, 1);
            expect(0, again.acquire(0, 3, 0xa1, 0));
            expect(0, one.io(Opcode.NVM_WRITE));
            expect(new Report(2, 3, 2, false, List.of(
                new Reported(0xffff, true, 0xa1, 1), new Reported(0xffff, false, 0xb1, 2))), other.report());
            again.host.admin.reactor().execute(() -> again.host.admin.disconnect("gone"));
            stage.world.until(() -> again.host.admin.released);
            expect(2, other.report().count());
            expect(CONFLICT, one.join(0xa2));
        });
    }

    private static void expect(Object expected, Object actual) {
        assertEquals(expected, actual);
    }

    @Test
    void shouldGiveAsMuchOfAReportAsIsAskedFor() {
        with(null, (stage, one, other) -> {
            expect(0, one.join(0xa1));
            for (int bytes : new int[] {4, 24, 64, 80, 128}) {
                Answer answer = Host.send(stage, one.queue(), sqe -> {
                    ReservingHost.command(Opcode.NVM_RESERVATION_REPORT, bytes / 4 - 1, 1).accept(sqe);
                    Sqe.CDW11.set(sqe, 1);
                }, bytes, null);
                expect(0, answer.status());
                assertEquals(bytes, answer.data().length);
                assertEquals(1, answer.data()[0]);
            }
            expect(NvmeStatus.HOST_IDENTIFIER_INCONSISTENT_FORMAT | NvmeStatus.DNR, Host.send(stage, one.queue(),
                ReservingHost.command(Opcode.NVM_RESERVATION_REPORT, 15, 1), 64, null).status());
            expect(NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR, Host.send(stage, one.queue(),
                ReservingHost.command(Opcode.NVM_RESERVATION_REPORT, 15, 2), 64, null).status());
        });
    }

    @Test
    void shouldAnswerWrongKeysAndShortDataN62() {
        with(null, (stage, one, other) -> {
            expect(0, one.join(0xa1));
            expect(CONFLICT, one.register(1, false, 0, 0xa2, 0));
            expect(CONFLICT, one.register(2, false, 0, 0xa2, 0xa3));
            expect(CONFLICT, other.register(1, true, 0, 0, 0));
            expect(0, one.register(2, true, 0, 0xffff, 0xa3));
            expect(CONFLICT, one.acquire(0, 1, 0xa1, 0));
            expect(CONFLICT, one.release(0, 1, 0xa1));
            expect(CONFLICT, one.release(1, 0, 0xa1));
            expect(INVALID, one.register(0, false, 1, 0, 0xa3));
            expect(INVALID, one.register(0, false, 3, 0, 0xa3));
            expect(INVALID, one.register(3, false, 0, 0, 0xa3));
            expect(INVALID, one.acquire(3, 1, 0xa3, 0));
            expect(INVALID, one.acquire(0, 0, 0xa3, 0));
            expect(INVALID, one.acquire(0, 7, 0xa3, 0));
            expect(INVALID, one.send(Opcode.NVM_RESERVATION_ACQUIRE, 8 | 1 << 8, new byte[16]));
            expect(INVALID, one.send(Opcode.NVM_RESERVATION_RELEASE, 8 | 1 << 8, new byte[16]));
            expect(INVALID, one.release(2, 1, 0xa3));
            expect(INVALID, one.send(Opcode.NVM_RESERVATION_REGISTER, 0, new byte[15]));
            expect(INVALID, one.send(Opcode.NVM_RESERVATION_ACQUIRE, 1 << 8, new byte[8]));
            expect(INVALID, one.send(Opcode.NVM_RESERVATION_RELEASE, 1 << 8, new byte[7]));
            expect(INVALID, one.send(Opcode.NVM_RESERVATION_REGISTER, 0, null));
            assertEquals(0, one.report().type());
            assertEquals(1, one.report().count());
        });
    }

    @Test
    void shouldTakeRegistrantsUpToTheLimitAndKeepThemAllN64() {
        SimWorld.run(1, 1, 2, world -> {
            Stage stage = Stage.usual(world);
            stage.call("nvmf_subsystem_remove_ns", "nqn", Stage.NQN, "nsid", 1);
            add(stage, FILE.toString());
            for (int i = 1; i <= ReservationState.MAX_REGISTRANTS + 1; i++) {
                var host = new ReservingHost(stage, i, 1);
                expect(i <= ReservationState.MAX_REGISTRANTS ? 0 : INVALID, host.register(0, false, 3, 0, i));
                if (i == 5) {
                    expect(0, host.acquire(0, 6, i, 0));
                }
                if (i > 1) {
                    host.host.admin.reactor().execute(() -> host.host.admin.disconnect("done"));
                    world.until(() -> host.host.admin.released);
                }
            }
            var host = new ReservingHost(stage, 1, 1);
            Report before = host.report();
            assertEquals(ReservationState.MAX_REGISTRANTS, before.count());
            stage.call("nvmf_subsystem_remove_ns", "nqn", Stage.NQN, "nsid", 1);
            add(stage, FILE.toString());
            assertEquals(before, host.report());
            assertTrue(before.registrants().stream().allMatch(Reported::holds));
            stage.close();
        });
    }

    private static CompletableFuture<Answer> listen(ReservingHost host) throws Exception {
        return host.host.stage.world.call(host.host.admin.reactor(),
            () -> host.host.admin.send(sqe -> Sqe.OPC.set(sqe, Opcode.ADMIN_ASYNC_EVENT_REQUEST)).answered);
    }

    private static void expectNotice(Stage stage, ReservingHost host, long number, int type) throws Exception {
        byte[] data = host.host.log(GetLogPageCommand.LID_RESERVATION, 0, ReservationLog.BYTES).data();
        Host.look(stage, data, page -> {
            assertEquals(number, ReservationLog.LPC.get(page));
            assertEquals(type, ReservationLog.RNLPT.get(page));
            assertEquals(0, ReservationLog.NALP.get(page));
            assertEquals(type == 0 ? 0 : 1, ReservationLog.NSID.get(page));
            return null;
        });
    }

    @Test
    void shouldTellThoseWhoAreConcerned() {
        with(null, (stage, one, other) -> {
            expect(0, one.join(0xa1));
            expect(0, other.join(0xb1));
            CompletableFuture<Answer> event = listen(other);
            expect(0, one.acquire(0, 3, 0xa1, 0));
            expect(0, one.release(0, 3, 0xa1));
            assertEquals(RESERVATION_EVENT, stage.world.get(event).result());
            expectNotice(stage, other, 1, ReservationLog.RNLPT_RESERVATION_RELEASED);
            event = listen(other);
            expect(0, one.acquire(1, 1, 0xa1, 0xb1));
            assertEquals(RESERVATION_EVENT, stage.world.get(event).result());
            expectNotice(stage, other, 2, ReservationLog.RNLPT_REGISTRATION_PREEMPTED);
            expect(0, other.join(0xb1));
            event = listen(other);
            expect(0, one.release(1, 0, 0xa1));
            assertEquals(RESERVATION_EVENT, stage.world.get(event).result());
            expectNotice(stage, other, 3, ReservationLog.RNLPT_RESERVATION_PREEMPTED);
            expectNotice(stage, other, 0, ReservationLog.RNLPT_EMPTY);
            expectNotice(stage, one, 0, ReservationLog.RNLPT_EMPTY);
        });
    }

    private static int setFeature(ReservingHost host, int feature, long nsid, long value) throws Exception {
        return host.host.admin(Opcode.ADMIN_SET_FEATURES, sqe -> {
            FeaturesCommand.FID.set(sqe, feature);
            Sqe.NSID.set(sqe, nsid);
            FeaturesCommand.CDW11.set(sqe, value);
        }).status();
    }

    private static long getFeature(ReservingHost host, int feature, int select) throws Exception {
        return host.host.admin(Opcode.ADMIN_GET_FEATURES, sqe -> {
            FeaturesCommand.FID.set(sqe, feature);
            FeaturesCommand.SEL.set(sqe, select);
            Sqe.NSID.set(sqe, 1);
        }).result();
    }

    @Test
    void shouldTellNothingThatIsMasked() {
        with(null, (stage, one, other) -> {
            int mask = FeaturesCommand.FID_RESERVATION_MASK;
            expect(0, setFeature(other, mask, 1, 4));
            assertEquals(4, getFeature(other, mask, FeaturesCommand.SEL_CURRENT));
            assertEquals(6, getFeature(other, mask, FeaturesCommand.SEL_CAPABILITIES));
            expect(0, one.join(0xa1));
            expect(0, other.join(0xb1));
            expect(0, one.acquire(0, 3, 0xa1, 0));
            expect(0, one.release(0, 3, 0xa1));
            stage.world.settle(0);
            expectNotice(stage, other, 0, ReservationLog.RNLPT_EMPTY);
            expect(0, setFeature(other, mask, Sqe.NSID_ALL, 0));
            assertEquals(0, getFeature(other, mask, FeaturesCommand.SEL_CURRENT));
            expect(NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR, setFeature(other, mask, 5, 4));
            expect(NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR, setFeature(other, mask, 0, 4));
        });
    }

    @Test
    void shouldPersistWhatIsAskedToPersist() {
        with(FILE.toString(), (stage, one, other) -> {
            int feature = FeaturesCommand.FID_RESERVATION_PERSISTENCE;
            expect(0, one.join(0xa1));
            expect(0, one.acquire(0, 1, 0xa1, 0));
            stage.call("nvmf_subsystem_remove_ns", "nqn", Stage.NQN, "nsid", 1);
            add(stage, FILE.toString());
            assertEquals(new Report(0, 0, 0, false, List.of()), one.report());
            expect(0, setFeature(one, feature, Sqe.NSID_ALL, 1));
            assertEquals(1, getFeature(one, feature, FeaturesCommand.SEL_CURRENT));
            expect(0, one.join(0xa1));
            expect(0, one.acquire(0, 1, 0xa1, 0));
            Report before = one.report();
            stage.call("nvmf_subsystem_remove_ns", "nqn", Stage.NQN, "nsid", 1);
            add(stage, FILE.toString());
            assertEquals(before, one.report());
            expect(CONFLICT, other.io(Opcode.NVM_WRITE));
            expect(0, one.io(Opcode.NVM_WRITE));
            expect(0, setFeature(one, feature, 1, 0));
            stage.call("nvmf_subsystem_remove_ns", "nqn", Stage.NQN, "nsid", 1);
            add(stage, FILE.toString());
            assertEquals(0, one.report().count());
        });
    }

    @Test
    void shouldNotPersistWithoutAFile() {
        with(null, (stage, one, other) -> {
            expect(INVALID, setFeature(one, FeaturesCommand.FID_RESERVATION_PERSISTENCE, 1, 1));
            expect(0, setFeature(one, FeaturesCommand.FID_RESERVATION_PERSISTENCE, Sqe.NSID_ALL, 1));
            assertFalse(one.report().persistent());
        });
    }

    @Test
    void shouldFailTheCommandWhenTheFileCannotBeWritten() {
        with(FILE.toString(), (stage, one, other) -> {
            expect(0, one.register(0, false, 3, 0, 0xa1));
            Report before = one.report();
            stage.world.faults().diskBytes = 0;
            expect(NvmeStatus.INTERNAL_ERROR, one.acquire(0, 1, 0xa1, 0));
            assertEquals(before, one.report());
            expect(0, other.io(Opcode.NVM_WRITE));
            stage.world.faults().diskBytes = Long.MAX_VALUE;
            expect(0, one.acquire(0, 1, 0xa1, 0));
        });
    }

    @Test
    void shouldRefuseAFileThatCannotBeUsed() {
        with(FILE.toString(), (stage, one, other) -> {
            stage.module.create("Second", 64, false, false);
            for (String place : List.of("relative", "", "/", FILE.toString(), "/data/./ns1.reservations", "/a\0b")) {
                var e = assertThrows(StorageException.class, () -> stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN,
                    "namespace", Map.of("bdev_name", "Second", "ptpl_file", place)), place);
                assertTrue(e.getMessage().matches("Invalid parameters: .*ptpl_file .*"), e.getMessage());
            }
            stage.world.environment().files().replace(Path.of("/data/bad"), "x".getBytes(StandardCharsets.US_ASCII));
            var e = assertThrows(StorageException.class, () -> stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN,
                "namespace", Map.of("bdev_name", "Second", "ptpl_file", "/data/bad")));
            assertTrue(e.getMessage().startsWith("Invalid parameters: the reservations in /data/bad cannot be used: "),
                e.getMessage());
            stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace", Map.of("bdev_name", "Second"));
        });
    }
}
