package dev.karst.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.Mem;
import dev.karst.spec.nvme.DataTransfer;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.reservation.Registrant;
import dev.karst.spec.nvme.reservation.RegistrantExtended;
import dev.karst.spec.nvme.reservation.ReservationAcquireCommand;
import dev.karst.spec.nvme.reservation.ReservationAcquireData;
import dev.karst.spec.nvme.reservation.ReservationLog;
import dev.karst.spec.nvme.reservation.ReservationRegisterCommand;
import dev.karst.spec.nvme.reservation.ReservationRegisterData;
import dev.karst.spec.nvme.reservation.ReservationReleaseCommand;
import dev.karst.spec.nvme.reservation.ReservationReportCommand;
import dev.karst.spec.nvme.reservation.ReservationStatus;
import dev.karst.spec.nvme.reservation.ReservationStatusExtended;
import dev.karst.spec.nvme.Sqe;
import java.lang.foreign.Arena;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Figures of reservations against bytes that were put together by hand from the standard's tables. */
class ReservationGoldenTest {
    private static final int ROOM = 4096;

    private final Arena arena = Arena.ofConfined();
    private long base;

    @BeforeEach
    void allocate() {
        base = arena.allocate(ROOM, 4096).address();
        Mem.register(base, ROOM);
    }

    @AfterEach
    void free() {
        Mem.unregister(base);
        arena.close();
    }

    private String hex(int offset, int length) {
        byte[] bytes = new byte[length];
        Mem.get(base + offset, bytes, 0, length);
        return HexFormat.of().formatHex(bytes);
    }

    private void put(int offset, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        Mem.put(base + offset, bytes, 0, bytes.length);
    }

    @Test
    void shouldReadTheReplacementOfAKeyThatPersists() {
        put(0, "0d 40 0100 01000000");
        put(40, "0a0000c0");
        assertEquals(Opcode.NVM_RESERVATION_REGISTER, Sqe.OPC.get(base));
        assertEquals(DataTransfer.TO_CONTROLLER, DataTransfer.direction(base));
        assertEquals(ReservationRegisterCommand.RREGA_REPLACE, ReservationRegisterCommand.RREGA.get(base));
        assertEquals(1, ReservationRegisterCommand.IEKEY.get(base));
        assertEquals(ReservationRegisterCommand.CPTPL_PERSIST, ReservationRegisterCommand.CPTPL.get(base));
        put(0, "0807060504030201 1122334455667788");
        assertEquals(0x0102030405060708L, ReservationRegisterData.CRKEY.get(base));
        assertEquals(0x8877665544332211L, ReservationRegisterData.NRKEY.get(base));
    }

    @Test
    void shouldReadThePreemptionThatAborts() {
        put(0, "11 40 0100 01000000");
        put(40, "02050000");
        assertEquals(Opcode.NVM_RESERVATION_ACQUIRE, Sqe.OPC.get(base));
        assertEquals(DataTransfer.TO_CONTROLLER, DataTransfer.direction(base));
        assertEquals(ReservationAcquireCommand.RACQA_PREEMPT_AND_ABORT, ReservationAcquireCommand.RACQA.get(base));
        assertEquals(ReservationStatus.RTYPE_WRITE_EXCLUSIVE_ALL, ReservationAcquireCommand.RTYPE.get(base));
        put(0, "0100000000000000 0200000000000000");
        assertEquals(1, ReservationAcquireData.CRKEY.get(base));
        assertEquals(2, ReservationAcquireData.PRKEY.get(base));
    }

    @Test
    void shouldReadTheReleaseOfAnExclusiveAccess() {
        put(0, "15 40 0100 01000000");
        put(40, "00020000");
        assertEquals(Opcode.NVM_RESERVATION_RELEASE, Sqe.OPC.get(base));
        assertEquals(ReservationReleaseCommand.RRELA_RELEASE, ReservationReleaseCommand.RRELA.get(base));
        assertEquals(ReservationStatus.RTYPE_EXCLUSIVE_ACCESS, ReservationReleaseCommand.RTYPE.get(base));
    }

    @Test
    void shouldReadTheReportThatNvmeCliAsksFor() {
        put(0, "0e 40 0100 01000000");
        put(40, "ff030000 01000000");
        assertEquals(Opcode.NVM_RESERVATION_REPORT, Sqe.OPC.get(base));
        assertEquals(DataTransfer.TO_HOST, DataTransfer.direction(base));
        assertEquals(1023, ReservationReportCommand.NUMD.get(base));
        assertEquals(1, ReservationReportCommand.EDS.get(base));
    }

    @Test
    void shouldWriteAStatusWithARegistrantOfEitherForm() {
        ReservationStatus.GEN.set(base, 0x01020304);
        ReservationStatus.RTYPE.set(base, ReservationStatus.RTYPE_WRITE_EXCLUSIVE_REGISTRANTS);
        ReservationStatus.REGSTRNT.set(base, 0x0102);
        ReservationStatus.PTPLS.set(base, 1);
        long one = base + ReservationStatus.BYTES;
        Registrant.CNTLID.set(one, Registrant.CNTLID_DYNAMIC);
        Registrant.RCSTS.set(one, 1);
        Registrant.HOSTID.set(one, 0x1122334455667788L);
        Registrant.RKEY.set(one, 0xa1);
        assertEquals("04030201" + "03" + "0201" + "0000" + "01" + "00".repeat(14)
            + "ffff" + "01" + "00".repeat(5) + "8877665544332211" + "a100000000000000", hex(0, 48));
        long extended = base + ReservationStatusExtended.BYTES;
        RegistrantExtended.RKEY.set(extended, 0xa1);
        RegistrantExtended.HOSTID.set(extended, HexFormat.of().parseHex("00112233445566778899aabbccddeeff"));
        assertEquals("a100000000000000" + "00112233445566778899aabbccddeeff",
            hex(ReservationStatusExtended.BYTES + 8, 24));
        assertEquals(ReservationStatus.REGSTRNT.offset(), ReservationStatusExtended.REGSTRNT.offset());
    }

    @Test
    void shouldWriteANotification() {
        ReservationLog.LPC.set(base, 5);
        ReservationLog.RNLPT.set(base, ReservationLog.RNLPT_RESERVATION_PREEMPTED);
        ReservationLog.NALP.set(base, 2);
        ReservationLog.NSID.set(base, 7);
        assertEquals("0500000000000000" + "03" + "02" + "0000" + "07000000", hex(0, 16));
    }
}
