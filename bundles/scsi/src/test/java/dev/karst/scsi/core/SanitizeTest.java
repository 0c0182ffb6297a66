package dev.karst.scsi.core;

import static dev.karst.scsi.core.FakeInitiator.cdb;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.bdev.IoType;
import dev.karst.scsi.ScsiNexus.Management;
import dev.karst.scsi.core.FakeInitiator.Pending;
import dev.karst.scsi.core.FakeInitiator.Wish;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** SANITIZE, and what becomes of other commands meanwhile. LUN 1 is a device of 256 blocks that can be held up. */
class SanitizeTest {
    private static final String OVERWRITE = "48 01";
    private static final String BUSY = "2/04/1B";
    private static final String FAILED = "3/31/03";

    private static Wish overwrite(String start, String list) {
        byte[] bytes = HexFormat.of().parseHex(list.replace(" ", ""));
        return cdb(String.format("%s 00 00 00 00 00 %04x 00", start, bytes.length)).to(1).sending(bytes);
    }

    private static byte[] read(FakeInitiator one, int lun, int block) throws Exception {
        return one.execute(cdb(String.format("28 00 %08x 00 00 01 00", block)).to(lun).taking(512)).data();
    }

    private static byte[] filled(int length, int... pattern) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) pattern[i % pattern.length];
        }
        return bytes;
    }

    @Test
    void shouldFillAllBlocksWhenOverwritten() {
        Stage.with((stage, one) -> {
            assertTrue(one.execute(overwrite(OVERWRITE, "01 00 00 03 aa bb cc")).isGood());
            assertArrayEquals(filled(512, 0xaa, 0xbb, 0xcc), read(one, 1, 0));
            assertArrayEquals(filled(512, 0xaa, 0xbb, 0xcc), read(one, 1, 255));
            assertTrue(one.execute(overwrite(OVERWRITE, "82 00 00 01 0f")).isGood());
            assertArrayEquals(filled(512, 0xf0), read(one, 1, 200), "the second pass is inverted");
            assertEquals(3, stage.module.seen.stream().filter("FLUSH 0+256"::equals).count(), "after each pass");
        });
    }

    @Test
    void shouldGiveAllBackWhenErased() {
        Stage.with((stage, one) -> {
            stage.file("Disk", 2);
            stage.device.addUnit(2, "Disk");
            one.ready(2).execute(cdb("2a 00 00 00 00 10 00 00 01 00").to(2).sending(filled(512, 7)));
            assertTrue(one.execute(cdb("48 02").to(2)).isGood());
            assertArrayEquals(new byte[512], read(one, 2, 16));
            byte[] status = one.execute(cdb("9e 12 00 00 00 00 00 00 00 00 00 00 00 80 00 00").to(2).taking(128)).data();
            assertEquals(24, status.length, "one extent");
            assertEquals(1, status[20], "deallocated");
            assertEquals(0x40, one.execute(cdb("12 01 b1 00 40 00").to(2).taking(64)).data()[7], "WABEREQ");
        });
    }

    @Test
    void shouldRefuseOthersWhenInProgress() {
        Stage.with((stage, one) -> {
            FakeInitiator two = stage.initiator("iqn.host:two").ready(0).ready(1);
            stage.module.holds = true;
            Pending before = two.begin(cdb("2a 00 00 00 00 01 00 00 01 00").to(1).sending(filled(512, 9)));
            stage.world.settle(1);
            Pending sanitize = one.begin(overwrite(OVERWRITE, "01 00 00 01 55"));
            stage.world.settle(1);
            assertEquals(1, stage.module.held.size(), "what was begun before ends first");
            for (String refused : List.of("00", "28 00 00 00 00 00 00 00 00 00", "1b 00 00 00 01 00", "48 02", "48 1f")) {
                assertEquals(BUSY, two.execute(cdb(refused).to(1)).text(), refused);
            }
            assertTrue(two.execute(cdb("12 00 00 00 24 00").to(1).taking(36)).isGood());
            assertTrue(two.execute("00", 0).isGood(), "the other logical unit");
            byte[] sense = two.execute(cdb("03 00 00 00 12 00").to(1).taking(18)).data();
            assertEquals(BUSY, String.format("%X/%02X/%02X", sense[2], sense[12], sense[13]));
            assertEquals(0x80, sense[15] & 0xff, "SKSV");
            stage.world.on(two.reactor, stage.module::release);
            assertTrue(stage.world.get(before.answer).isGood());
            assertTrue(stage.world.get(sanitize.answer).isGood());
            assertArrayEquals(filled(512, 0x55), read(two, 1, 1), "not what was begun before");
            two.close();
        });
    }

    @Test
    void shouldGoOnWhenWhoeverWantedItIsGone() {
        Stage.with((stage, one) -> {
            FakeInitiator two = stage.initiator("iqn.host:two").ready(0).ready(1);
            stage.module.holds = true;
            Pending waiting = two.begin(overwrite(OVERWRITE, "02 00 00 01 55"));
            stage.world.until(() -> stage.module.held.size() == 1);
            assertEquals(0, stage.world.get(two.manage(Management.ABORT_TASK, 1, waiting)));
            assertNull(stage.world.get(waiting.answer));
            assertEquals(0, stage.world.get(two.manage(Management.LOGICAL_UNIT_RESET, 1, null)));
            two.close();
            one.ready(1);
            assertEquals(BUSY, one.execute(cdb("00").to(1)).text());
            stage.module.holds = false;
            stage.world.on(stage.world.reactor(0), stage.module::release);
            stage.world.until(() -> isReady(stage));
            assertArrayEquals(filled(512, 0x55), read(one, 1, 100));
        });
    }

    private static boolean isReady(Stage stage) {
        return ((Device) stage.device).logicalUnits().stream().noneMatch(unit -> unit.sanitizer.isRefusing());
    }

    @Test
    void shouldAnswerAtOnceWhenThatIsAskedFor() {
        Stage.with((stage, one) -> {
            stage.module.holds = true;
            assertTrue(one.execute(overwrite("48 81", "01 00 00 01 55")).isGood());
            assertFalse(isReady(stage));
            stage.world.until(() -> stage.module.held.size() == 1);
            stage.world.on(stage.world.reactor(0), stage.module::release);
            stage.world.until(() -> isReady(stage));
            assertArrayEquals(filled(512, 0x55), read(one, 1, 255));
        });
    }

    @Test
    void shouldStayRefusingWhenItFailed() {
        Stage.with((stage, one) -> {
            stage.module.failing.put(IoType.WRITE, Status.errno(Errno.EIO));
            assertEquals(FAILED, one.execute(overwrite("48 21", "01 00 00 01 55")).text());
            assertEquals(FAILED, one.execute(cdb("00").to(1)).text());
            assertTrue(one.execute(cdb("48 1f").to(1)).isGood(), "EXIT FAILURE MODE");
            assertTrue(one.execute(cdb("00").to(1)).isGood());
            assertEquals(FAILED, one.execute(overwrite(OVERWRITE, "01 00 00 01 55")).text());
            assertEquals("5/24/00", one.execute(cdb("48 1f").to(1)).text(), "without AUSE there is no way out");
            assertEquals("5/24/00", one.execute(overwrite("48 21", "01 00 00 01 55")).text());
            stage.module.failing.clear();
            assertTrue(one.execute(overwrite(OVERWRITE, "01 00 00 01 55")).isGood(), "but another one that goes well");
            assertTrue(one.execute(cdb("00").to(1)).isGood());
        });
    }

    @Test
    void shouldEndWhenTheUnitIsRemoved() {
        Stage.with((stage, one) -> {
            stage.module.holds = true;
            Pending sanitize = one.begin(overwrite(OVERWRITE, "1f 00 00 01 55"));
            stage.world.until(() -> stage.module.held.size() == 1);
            stage.device.removeUnit(1);
            assertEquals(FAILED, stage.world.get(sanitize.answer).text());
            stage.module.holds = false;
        });
    }

    @Test
    void shouldRefuseWhenListsAreWrong() {
        Stage.with((stage, one) -> {
            for (String list : List.of("", "01", "01 00 00 00", "01 00 00 01 aa".repeat(104))) {
                assertEquals("5/24/00", one.execute(overwrite(OVERWRITE, list)).text(), list);
            }
            for (String list : List.of("00 00 00 01 aa", "01 00 00 00 aa", "01 00 00 02 aa")) {
                assertEquals("5/26/00", one.execute(overwrite(OVERWRITE, list)).text(), list);
            }
            for (String cdb : List.of("48 00", "48 03", "48 02 00 00 00 00 00 00 08 00", "48 42", "48 02 01")) {
                assertEquals("5/24/00", one.execute(cdb(cdb).to(1).sending(new byte[0])).text(), cdb);
            }
            assertEquals(List.of(), stage.module.seen);
            byte[] protect = HexFormat.of().parseHex("000000000a0a201008000000ffff0000");
            assertTrue(one.execute(cdb("15 10 00 00 10 00").to(1).sending(protect)).isGood());
            assertEquals("7/27/02", one.execute(cdb("48 02").to(1)).text());
        });
    }
}
