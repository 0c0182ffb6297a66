package dev.karst.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.base.Struct;
import dev.karst.spec.nvme.Cqe;
import dev.karst.spec.nvme.DataTransfer;
import dev.karst.spec.nvme.GetLogPageCommand;
import dev.karst.spec.nvme.IdentifyController;
import dev.karst.spec.nvme.IdentifyNamespace;
import dev.karst.spec.nvme.NvmCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Property;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvmf.ConnectCommand;
import dev.karst.spec.nvmf.ConnectData;
import dev.karst.spec.nvmf.DiscoveryEntry;
import dev.karst.spec.nvmf.FabricsCommand;
import dev.karst.spec.nvmf.Nqn;
import dev.karst.spec.nvmf.PropertyCommand;
import java.lang.foreign.Arena;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Figures of NVMe and of NVMe over Fabrics against bytes that were put together by hand from the standard's tables. */
class NvmeGoldenTest {
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

    private void put(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        Mem.put(base, bytes, 0, bytes.length);
    }

    @Test
    void shouldReadTheConnectThatAHostSends() {
        put("7f 40 0100 01 00000000000000000000000000000000000000"
            + "0000000000000000 00040000 000000 01"
            + "0000 0000 1f00 04 00 98 3a 0000 000000000000000000000000");
        assertEquals(Opcode.FABRICS, Sqe.OPC.get(base));
        assertEquals(Sqe.PSDT_SGL, Sqe.PSDT.get(base));
        assertEquals(0, Sqe.FUSE.get(base));
        assertEquals(1, Sqe.CID.get(base));
        assertEquals(FabricsCommand.CONNECT, FabricsCommand.FCTYPE.get(base));
        assertEquals(DataTransfer.TO_CONTROLLER, DataTransfer.direction(base));
        assertEquals(1024, Sqe.SGL1_LENGTH.get(base));
        assertEquals(Sqe.SGL_DATA_BLOCK, Sqe.SGL1_TYPE.get(base));
        assertEquals(Sqe.SGL_OFFSET, Sqe.SGL1_SUBTYPE.get(base));
        assertEquals(0, ConnectCommand.QID.get(base));
        assertEquals(31, ConnectCommand.SQSIZE.get(base));
        assertEquals(ConnectCommand.CATTR_DISABLE_SQFC, ConnectCommand.CATTR.get(base));
        assertEquals(15_000, ConnectCommand.KATO.get(base));
    }

    @Test
    void shouldWriteTheReadThatAHostSends() {
        Sqe.OPC.set(base, Opcode.NVM_READ);
        Sqe.PSDT.set(base, Sqe.PSDT_SGL);
        Sqe.CID.set(base, 0x1234);
        Sqe.NSID.set(base, 1);
        Sqe.SGL1_LENGTH.set(base, 4096);
        Sqe.SGL1_TYPE.set(base, Sqe.SGL_TRANSPORT_DATA_BLOCK);
        Sqe.SGL1_SUBTYPE.set(base, Sqe.SGL_TRANSPORT);
        NvmCommand.SLBA.set(base, 0x1_0000_0002L);
        NvmCommand.NLB.set(base, 7);
        NvmCommand.FUA.set(base, 1);
        assertEquals("0240341201000000" + "0".repeat(32) + "0000000000000000" + "00100000" + "0000005a"
            + "0200000001000000" + "07000040" + "0".repeat(24), hex(0, Sqe.BYTES));
        assertEquals(DataTransfer.TO_HOST, DataTransfer.direction(base));
    }

    @Test
    void shouldWriteACompletionWithStatusAboveThePhase() {
        Cqe.DW0.set(base, 0x0001_002c);
        Cqe.SQHD.set(base, 5);
        Cqe.CID.set(base, 0x1234);
        Cqe.STATUS.set(base, NvmeStatus.CONNECT_INVALID_PARAMETERS | NvmeStatus.DNR);
        assertEquals("2c000100" + "00000000" + "05000000" + "3412" + "0483", hex(0, Cqe.BYTES));
        assertEquals("Connect Invalid Parameters (1/82, DNR)", NvmeStatus.text(Cqe.STATUS.get(base)));
    }

    @Test
    void shouldPlaceIdentifyFieldsWhereHostsLookForThem() {
        IdentifyController.CNTLID.set(base, 0x0102);
        IdentifyController.KAS.set(base, 100);
        IdentifyController.SQES.set(base, 0x66);
        IdentifyController.SGLS.set(base, 0x0010_0001);
        IdentifyController.SUBNQN.set(base, "nqn");
        IdentifyController.IOCCSZ.set(base, 260);
        IdentifyController.MSDBD.set(base, 1);
        assertEquals("0201", hex(78, 2));
        assertEquals("6400", hex(320, 2));
        assertEquals("66", hex(512, 1));
        assertEquals("01001000", hex(536, 4));
        assertEquals("6e716e00", hex(768, 4));
        assertEquals("04010000", hex(1792, 4));
        assertEquals("01", hex(1803, 1));
        assertEquals(104, IdentifyNamespace.NGUID.offset());
        assertEquals(130, IdentifyNamespace.LBAF0_LBADS.offset());
        assertEquals(512, ((Struct.Field) DiscoveryEntry.TRADDR).offset());
        assertEquals(512, ConnectData.HOSTNQN.offset());
    }

    @Test
    void shouldTellTheDirectionOfFabricsCommandsByTheirType() {
        Sqe.OPC.set(base, Opcode.FABRICS);
        FabricsCommand.FCTYPE.set(base, FabricsCommand.PROPERTY_GET);
        assertEquals(DataTransfer.NONE, DataTransfer.direction(base));
        FabricsCommand.FCTYPE.set(base, FabricsCommand.AUTHENTICATION_RECEIVE);
        assertEquals(DataTransfer.TO_HOST, DataTransfer.direction(base));
        PropertyCommand.OFST.set(base, Property.CSTS);
        assertEquals("1c000000", hex(44, 4));
    }

    @Test
    void shouldAddTheHalvesOfTheNumberOfDwords() {
        GetLogPageCommand.NUMDL.set(base, 0xffff);
        GetLogPageCommand.NUMDU.set(base, 0xffff);
        assertEquals(1L << 34, GetLogPageCommand.lengthBytes(base));
    }

    @Test
    void shouldComposeCapabilities() {
        assertEquals(0x0800_0020_1e01_007fL, Property.cap(128, 30));
    }

    @Test
    void shouldKnowNamesFromWhatIsNone() {
        assertTrue(Nqn.isWellFormed("nqn.2016-06.io.spdk:cnode1"));
        assertTrue(Nqn.isWellFormed("nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555"));
        assertFalse(Nqn.isWellFormed("bad"));
        assertFalse(Nqn.isWellFormed("nqn.2016-13.io.spdk:cnode1"));
        assertFalse(Nqn.isWellFormed("nqn.2016-06.io.spdk:" + "x".repeat(204)));
        assertFalse(Nqn.isAcceptable("nqn\n"));
        assertFalse(Nqn.isAcceptable(""));
    }

    @Test
    void shouldTakeNoNameFromAFieldThatHoldsNone() {
        Mem.fill(base, 256, (byte) 'a');
        assertNull(Nqn.parse(base));
        Mem.setByte(base + 224, (byte) 0);
        assertNull(Nqn.parse(base));
        Mem.setByte(base + 223, (byte) 0);
        assertEquals("a".repeat(223), Nqn.parse(base));
        Mem.setByte(base + 1, (byte) 0xff);
        assertNull(Nqn.parse(base));
        Mem.setByte(base + 1, (byte) 0x1b);
        assertNull(Nqn.parse(base));
        Mem.setByte(base, (byte) 0);
        assertNull(Nqn.parse(base));
    }
}
