package dev.karst.nvme.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.env.Region;
import dev.karst.nvme.testkit.controller.Traits;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.spec.nvme.FeaturesCommand;
import dev.karst.spec.nvme.IdentifyNamespace;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.log.ErrorLogEntry;
import dev.karst.spec.nvme.log.FirmwareLog;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What admin commands do and refuse. */
class AdminCommandsTest {
    private static final int DNR = NvmeStatus.DNR;
    private static final int PAGE = HandHost.PAGE;

    private Bench bench;
    private Region data;

    @BeforeEach
    void open() throws Exception {
        Traits traits = new Traits();
        traits.ana = true;
        bench = Bench.ready(21, traits, Settings.plain(512));
        data = bench.host.memory(PAGE);
    }

    @AfterEach
    void close() {
        bench.assertClean();
        bench.close();
    }

    private HandHost.Completion admin(int opcode, int nsid, int cdw10, int cdw11) {
        return bench.host.admin(opcode, nsid, data, PAGE, cdw10, cdw11);
    }

    /** Reads 4096 bytes of a log page into the data. */
    private int log(int lid) {
        return admin(Opcode.ADMIN_GET_LOG_PAGE, -1, lid | 1023 << 16, 0).status();
    }

    @Test
    void shouldRefuseQueuesThatCannotBe() throws Exception {
        int exists = Opcode.ADMIN_CREATE_IO_CQ;
        assertEquals(NvmeStatus.INVALID_QUEUE_IDENTIFIER | DNR, admin(exists, 0, 15 << 16 | 1, 1).status());
        assertEquals(NvmeStatus.INVALID_QUEUE_IDENTIFIER | DNR, admin(exists, 0, 15 << 16 | 99, 1).status());
        assertEquals(NvmeStatus.INVALID_QUEUE_SIZE | DNR, admin(exists, 0, 2, 1).status());
        assertEquals(NvmeStatus.INVALID_INTERRUPT_VECTOR | DNR, admin(exists, 0, 15 << 16 | 2, 99 << 16 | 3).status());
        assertEquals(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, admin(exists, 0, 15 << 16 | 2, 0).status());
        int submission = Opcode.ADMIN_CREATE_IO_SQ;
        assertEquals(NvmeStatus.COMPLETION_QUEUE_INVALID | DNR, admin(submission, 0, 15 << 16 | 2, 5 << 16 | 1).status());
        assertEquals(NvmeStatus.INVALID_QUEUE_DELETION | DNR, admin(Opcode.ADMIN_DELETE_IO_CQ, 0, 1, 0).status());
        assertEquals(0, admin(Opcode.ADMIN_DELETE_IO_SQ, 0, 1, 0).status());
        assertEquals(0, admin(Opcode.ADMIN_DELETE_IO_CQ, 0, 1, 0).status());
    }

    @Test
    void shouldAbortWhatIsStuck() throws Exception {
        bench.nvme.faults().stuckOneIn = 1;
        int cid = bench.host.submit(bench.host.io, bench.host.range(Opcode.NVM_READ, data, 512, 0, 1));
        bench.host.ring(bench.host.io);
        assertNull(bench.host.await(bench.host.io, cid));
        assertEquals(1, admin(Opcode.ADMIN_ABORT, 0, 77 << 16 | 1, 0).result());
        assertEquals(0, admin(Opcode.ADMIN_ABORT, 0, cid << 16 | 1, 0).result());
        assertEquals(NvmeStatus.COMMAND_ABORT_REQUESTED, bench.host.await(bench.host.io, cid).status());
        assertEquals(0, log(1));
        assertEquals(NvmeStatus.COMMAND_ABORT_REQUESTED << 1, ErrorLogEntry.STS.get(data.address()));
        assertEquals(cid, ErrorLogEntry.CID.get(data.address()));
    }

    @Test
    void shouldEndWhatIsInFlightWhenItsQueueIsDeleted() throws Exception {
        bench.nvme.faults().stuckOneIn = 1;
        int cid = bench.host.submit(bench.host.io, bench.host.range(Opcode.NVM_READ, data, 512, 0, 1));
        bench.host.ring(bench.host.io);
        assertNull(bench.host.await(bench.host.io, cid));
        assertEquals(0, admin(Opcode.ADMIN_DELETE_IO_SQ, 0, 1, 0).status());
        assertEquals(NvmeStatus.ABORTED_SQ_DELETION, bench.host.await(bench.host.io, cid).status());
    }

    @Test
    void shouldTellOfNamespacesThatComeOnceUntilTheLogIsRead() throws Exception {
        HandHost.expectOk(admin(Opcode.ADMIN_SET_FEATURES, 0, FeaturesCommand.FID_ASYNC_EVENT_CONFIGURATION, 1 << 8 | 1 << 11));
        Set<Integer> requests = new HashSet<>(List.of(request(), request(), request()));
        assertEquals(-1, event(requests));
        bench.subsystem.add(100, Settings.plain(512));
        assertEquals(0x040002, event(requests));
        bench.nvme.setAna(1, 3);
        assertEquals(-1, event(requests));
        assertEquals(0, log(4));
        assertEquals(2, Mem.getInt(data.address()));
        assertEquals(0x0c0302, event(requests));
        assertEquals(0, log(12));
        assertEquals(3, Mem.getByte(data.address() + 16 + 16));
        assertEquals(
            NvmeStatus.ASYMMETRIC_ACCESS_INACCESSIBLE, bench.host.io(Opcode.NVM_READ, data, 512, 0, 1).status());
        int last = requests.iterator().next();
        assertEquals(0, admin(Opcode.ADMIN_ABORT, 0, last << 16, 0).result());
        assertEquals(NvmeStatus.COMMAND_ABORT_REQUESTED, bench.host.await(bench.host.admin, last).status());
    }

    /** What the request that is answered next says; -1 when none is. */
    private long event(Set<Integer> requests) {
        boolean answered = bench.host.until(() -> !bench.host.completions.isEmpty());
        if (!answered) {
            return -1;
        }
        var answer = bench.host.completions.removeFirst();
        assertTrue(requests.remove(answer.cid()));
        return answer.result();
    }

    private int request() {
        int cid = bench.host.submit(bench.host.admin, sqe -> Mem.setByte(sqe, (byte) Opcode.ADMIN_ASYNC_EVENT_REQUEST));
        bench.host.ring(bench.host.admin);
        return cid;
    }

    @Test
    void shouldMakeAttachFormatAndDeleteNamespaces() throws Exception {
        IdentifyNamespace.NSZE.set(data.address(), 1000);
        IdentifyNamespace.NCAP.set(data.address(), 1000);
        IdentifyNamespace.FLBAS.set(data.address(), 1);
        assertEquals(2, admin(Opcode.ADMIN_NAMESPACE_MANAGEMENT, 0, 0, 0).result());
        assertEquals(4096, bench.subsystem.namespace(2).settings().format().dataBytes());
        Mem.fill(data.address(), PAGE, (byte) 0);
        assertEquals(NvmeStatus.CONTROLLER_LIST_INVALID | DNR, admin(Opcode.ADMIN_NAMESPACE_ATTACHMENT, 2, 0, 0).status());
        Mem.setInt(data.address(), 1 << 16 | 1);
        assertEquals(0, admin(Opcode.ADMIN_NAMESPACE_ATTACHMENT, 2, 0, 0).status());
        assertEquals(NvmeStatus.NAMESPACE_ALREADY_ATTACHED | DNR, admin(Opcode.ADMIN_NAMESPACE_ATTACHMENT, 2, 0, 0).status());
        assertEquals(0, admin(Opcode.ADMIN_FORMAT_NVM, 2, 3 | 1 << 5, 0).status());
        assertEquals(1, bench.subsystem.namespace(2).settings().protection());
        assertEquals(NvmeStatus.INVALID_FORMAT | DNR, admin(Opcode.ADMIN_FORMAT_NVM, 2, 1 << 5, 0).status());
        assertEquals(0, admin(Opcode.ADMIN_NAMESPACE_ATTACHMENT, 2, 1, 0).status());
        assertEquals(0, admin(Opcode.ADMIN_NAMESPACE_MANAGEMENT, 2, 1, 0).status());
        assertNull(bench.subsystem.namespace(2));
        assertEquals(
            NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | DNR, admin(Opcode.ADMIN_NAMESPACE_MANAGEMENT, 2, 1, 0).status());
    }

    @Test
    void shouldRunNewFirmwareAfterAReset() throws Exception {
        byte[] image = "FWSIM-2.0 ".getBytes(StandardCharsets.US_ASCII);
        Mem.put(data.address(), image, 0, image.length);
        assertEquals(0, admin(Opcode.ADMIN_FIRMWARE_DOWNLOAD, 0, PAGE / 4 - 1, 0).status());
        assertEquals(NvmeStatus.INVALID_FIRMWARE_SLOT | DNR, admin(Opcode.ADMIN_FIRMWARE_COMMIT, 0, 1 << 3 | 1, 0).status());
        assertEquals(0, admin(Opcode.ADMIN_FIRMWARE_COMMIT, 0, 1 << 3 | 2, 0).status());
        assertEquals(NvmeStatus.INVALID_FIRMWARE_IMAGE | DNR, admin(Opcode.ADMIN_FIRMWARE_COMMIT, 0, 1 << 3 | 3, 0).status());
        assertEquals(0, log(3));
        assertEquals(1 | 2 << 4, FirmwareLog.AFI.get(data.address()));
        assertTrue(bench.host.disable() && bench.host.enable());
        assertEquals(2, bench.subsystem.firmware().active());
        assertEquals("SIM-2.0", bench.subsystem.firmware().revision(2));
    }

    @Test
    void shouldHoldBackOthersWhileItIsSanitized() throws Exception {
        HandHost.expectOk(bench.host.io(Opcode.NVM_WRITE, bench.noise(PAGE), 512, 0, 1));
        assertEquals(0, admin(Opcode.ADMIN_SANITIZE, 0, 2, 0).status());
        assertEquals(NvmeStatus.SANITIZE_IN_PROGRESS, bench.host.io(Opcode.NVM_READ, data, 512, 0, 1).status());
        assertEquals(NvmeStatus.SANITIZE_IN_PROGRESS, admin(Opcode.ADMIN_FORMAT_NVM, 1, 0, 0).status());
        assertEquals(0, log(0x81));
        assertEquals(2, Mem.getShort(data.address() + 2));
        assertEquals(0, log(0x81));
        assertEquals(1, Mem.getShort(data.address() + 2));
        assertEquals(0, bench.host.io(Opcode.NVM_READ, data, 512, 0, 1).status());
        assertEquals(0, Mem.getLong(data.address()));
    }

    @Test
    void shouldGiveBackWhatASecurityProtocolWasSentAndTestItself() throws Exception {
        Mem.setInt(data.address(), 4711);
        assertEquals(0, admin(Opcode.ADMIN_SECURITY_SEND, 0, 0xf0 << 24 | 5 << 8, PAGE).status());
        Mem.setInt(data.address(), 0);
        assertEquals(0, admin(Opcode.ADMIN_SECURITY_RECEIVE, 0, 0xf0 << 24 | 5 << 8, PAGE).status());
        assertEquals(4711, Mem.getInt(data.address()));
        assertEquals(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, admin(Opcode.ADMIN_SECURITY_SEND, 0, 1 << 24, PAGE).status());
        assertEquals(0, admin(Opcode.ADMIN_DEVICE_SELF_TEST, 0, 1, 0).status());
        assertEquals(NvmeStatus.SELF_TEST_IN_PROGRESS | DNR, admin(Opcode.ADMIN_DEVICE_SELF_TEST, 0, 1, 0).status());
        assertEquals(0, log(6));
        assertEquals(1, Mem.getByte(data.address()));
        assertEquals(0, log(6));
        assertEquals(0, Mem.getByte(data.address()));
        assertEquals(1 << 4, Mem.getByte(data.address() + 4));
    }

    @Test
    void shouldRefuseWhatItDoesNotKnow() throws Exception {
        assertEquals(NvmeStatus.INVALID_COMMAND_OPCODE | DNR, admin(0xc0, 0, 0, 0).status());
        assertEquals(NvmeStatus.INVALID_LOG_PAGE | DNR, log(0x77));
        assertEquals(NvmeStatus.INVALID_FIELD_IN_COMMAND | DNR, admin(Opcode.ADMIN_GET_FEATURES, 0, 0x77, 0).status());
        assertEquals(NvmeStatus.INVALID_COMMAND_OPCODE | DNR, admin(0x7c, 0, 0, 0).status());
        assertNotNull(bench.host.io(Opcode.NVM_FLUSH, null, 0, 0, 1));
    }
}
