package dev.karst.spec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.Mem;
import dev.karst.spec.iscsi.Bhs;
import dev.karst.spec.iscsi.DataIn;
import dev.karst.spec.iscsi.LoginRequest;
import dev.karst.spec.iscsi.LoginResponse;
import dev.karst.spec.iscsi.R2t;
import dev.karst.spec.iscsi.ScsiCommand;
import java.lang.foreign.Arena;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Headers of iSCSI against bytes put together by hand from RFC 7143, 11. */
class IscsiGoldenTest {
    private final Arena arena = Arena.ofConfined();
    private long pdu;

    @BeforeEach
    void allocate() {
        pdu = arena.allocate(Bhs.BYTES, 8).address();
        Mem.register(pdu, Bhs.BYTES);
    }

    @AfterEach
    void free() {
        Mem.unregister(pdu);
        arena.close();
    }

    private void put(String hex) {
        Mem.put(pdu, HexFormat.of().parseHex(hex.replace(" ", "")), 0, Bhs.BYTES);
    }

    private byte[] bytes() {
        byte[] bytes = new byte[Bhs.BYTES];
        Mem.get(pdu, bytes, 0, Bhs.BYTES);
        return bytes;
    }

    @Test
    void shouldReadACommandAsItIsSent() {
        put("""
            01a10000 02000200 0001000000000000 00000011 00002000 00000007 00000009 2a000000001000001000 000000000000""".replace("\n", ""));
        assertEquals(Bhs.SCSI_COMMAND, Bhs.OPCODE.get(pdu));
        assertEquals(0, Bhs.I.get(pdu));
        assertEquals(Bhs.FINAL | ScsiCommand.W | 1, Bhs.FLAGS.get(pdu));
        assertEquals(8, Bhs.ahsBytes(pdu));
        assertEquals(512, Bhs.dataLength(pdu));
        assertEquals(0x0001_0000_0000_0000L, Bhs.LUN.get(pdu));
        assertEquals(0x11, Bhs.ITT.get(pdu));
        assertEquals(8192, ScsiCommand.EDTL.get(pdu));
        assertEquals(7, ScsiCommand.CMDSN.get(pdu));
        assertEquals(9, ScsiCommand.EXPSTATSN.get(pdu));
        assertEquals(0x2a, Mem.getU8(ScsiCommand.CDB.at(pdu)));
    }

    @Test
    void shouldReadALoginAsItIsSent() {
        put("43870000 00000040 400001370000 0000 00000000 0001 0000 00000005 00000000 00000000000000000000000000000000");
        assertEquals(Bhs.LOGIN_REQUEST, Bhs.OPCODE.get(pdu));
        assertEquals(1, Bhs.I.get(pdu));
        int flags = LoginRequest.FLAGS.get(pdu);
        assertEquals(1, flags >> LoginRequest.CSG_SHIFT & LoginRequest.STAGE_MASK);
        assertEquals(3, flags & LoginRequest.STAGE_MASK);
        assertArrayEquals(HexFormat.of().parseHex("400001370000"), LoginRequest.ISID.get(pdu));
        assertEquals(1, LoginRequest.CID.get(pdu));
        assertEquals(5, LoginRequest.CMDSN.get(pdu));
    }

    @Test
    void shouldWriteAnswersAsTheStandardHasThem() {
        put("00".repeat(Bhs.BYTES));
        Bhs.OPCODE.set(pdu, Bhs.R2T);
        Bhs.FLAGS.set(pdu, Bhs.FINAL);
        Bhs.ITT.set(pdu, 0x11);
        R2t.TTT.set(pdu, 0x22);
        R2t.STATSN.set(pdu, 0x33);
        R2t.EXPCMDSN.set(pdu, 0x44);
        R2t.MAXCMDSN.set(pdu, 0x55);
        R2t.R2TSN.set(pdu, 1);
        R2t.BUFFER_OFFSET.set(pdu, 0x2000);
        R2t.DESIRED.set(pdu, 0x10000);
        assertArrayEquals(HexFormat.of().parseHex("3180000000000000" + "0000000000000000" + "00000011" + "00000022" + "00000033" + "00000044"
            + "00000055" + "00000001" + "00002000" + "00010000"), bytes());
        DataIn.RESIDUAL.set(pdu, 0x66);
        assertEquals(0x66, R2t.DESIRED.get(pdu));
        LoginResponse.STATUS.set(pdu, 0x0203);
        assertEquals(0x02, Mem.getU8(pdu + 36));
        assertEquals(0x03, Mem.getU8(pdu + 37));
    }

    @Test
    void shouldPadToWords() {
        assertEquals(0, Bhs.padding(0));
        assertEquals(3, Bhs.padding(1));
        assertEquals(1, Bhs.padding(7));
        assertEquals(0, Bhs.padding(8));
    }
}
