package dev.karst.scsi.core;

import static dev.karst.scsi.core.FakeInitiator.cdb;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.scsi.core.FakeInitiator.Answer;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** MODE SELECT and what a device tells of itself. */
class UnitCommandsTest {
    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static FakeInitiator.Wish select(String list) {
        byte[] bytes = hex(list);
        return cdb(String.format("15 10 00 00 %02x 00", bytes.length)).sending(bytes);
    }

    private static String control(int dSense, int swp, int tas) {
        return String.format("00 00 00 00 0a 0a %02x 10 %02x %02x 00 00 ff ff 00 00", 0x20 | dSense, swp, tas);
    }

    @Test
    void shouldSetWhatCanBeSetWhenModeSelected() {
        Stage.with((stage, one) -> {
            FakeInitiator two = stage.initiator("iqn.host:two").ready(0);
            assertTrue(one.execute(select(control(0, 8, 0))).isGood());
            assertEquals("7/27/02", one.execute(cdb("2a 00 00 00 00 00 00 00 01 00").sending(new byte[512])).text());
            assertEquals("6/2A/01", two.execute("00", 0).text(), "others are told");
            assertTrue(one.execute("00", 0).isGood(), "who set it is not");
            assertTrue(one.execute(select(control(4, 0, 0))).isGood());
            Answer bad = one.execute("ff", 0);
            assertEquals(0x72, bad.sense()[0]);
            assertEquals("5/20/00", bad.text());
            Answer field = one.execute("12 01 55 00 ff 00", 255);
            assertEquals(8 + 8, field.sense().length, "a descriptor with the field");
            two.close();
        });
    }

    @Test
    void shouldWriteThroughWhenCacheIsSwitchedOff() {
        Stage.with((stage, one) -> {
            String off = "00 00 00 00 08 12 00" + "00".repeat(17);
            assertTrue(one.execute(select(off).to(1)).isGood());
            stage.module.seen.clear();
            one.execute(cdb("2a 00 00 00 00 00 00 00 01 00").to(1).sending(new byte[512]));
            assertEquals(List.of("WRITE 0+1", "FLUSH 0+256"), stage.module.seen);
        });
    }

    @Test
    void shouldSetNothingWhenListIsWrong() {
        Stage.with((stage, one) -> {
            assertEquals("5/26/00", one.execute(select(control(1, 8, 0))).text(), "a bit that cannot be set");
            assertEquals("5/26/00", one.execute(select("00 00 00 00 0a 0b" + "00".repeat(11))).text(), "a length that lies");
            assertEquals("5/1A/00", one.execute(select("00 00 00 00 0a 0a 24 10")).text(), "a list that ends too soon");
            assertEquals("5/26/00", one.execute(select("00 00 00 00 01 02 00 00")).text(), "an unknown page");
            assertEquals("5/26/00", one.execute(select("00 00 00 00 4a 01 00 00")).text(), "a subpage");
            assertEquals("5/26/00", one.execute(select("00 00 00 08 00 00 00 01 00 00 04 00")).text(), "another block size");
            assertEquals("5/1A/00", one.execute(select("00 00 00")).text());
            assertEquals("5/24/00", one.execute(cdb("15 00 00 00 10 00").sending(hex(control(4, 0, 0)))).text(), "PF");
            assertEquals("5/24/00", one.execute(cdb("15 11 00 00 10 00").sending(hex(control(4, 0, 0)))).text(), "SP");
            assertTrue(one.execute("15 10 00 00 00 00", 0).isGood());
            byte[] current = one.execute("1a 08 0a 00 ff 00", 255).data();
            assertEquals(0x20, current[6], "nothing was set");
        });
    }

    @Test
    void shouldTellOfEachCommandWhatItUses() {
        Stage.with((stage, one) -> {
            byte[] all = one.execute("a3 0c 00 00 00 00 00 00 20 00 00 00", 8192).data();
            assertTrue(all.length > 8 * 40, all.length + " bytes");
            for (int at = 4; at < all.length; at += 8) {
                boolean hasAction = (all[at + 5] & 1) != 0;
                String opcode = String.format("%02x %02x %02x", all[at], all[at + 2], all[at + 3]);
                Answer mine = one.execute("a3 0c 0" + (hasAction ? 2 : 1) + opcode + "00 00 02 00 00 00", 512);
                assertEquals(3, mine.data()[1], opcode);
                assertEquals(all[at], mine.data()[4]);
                assertEquals(ByteBuffer.wrap(all).getShort(at + 6), ByteBuffer.wrap(mine.data()).getShort(2));
                assertEquals("5/24/00", one.execute("a3 0c 0" + (hasAction ? 1 : 2) + opcode + "00 00 02 00 00 00", 512).text());
                assertEquals(3, one.execute("a3 0c 03" + opcode + "00 00 02 00 00 00", 512).data()[1]);
            }
            assertEquals(1, one.execute("a3 0c 01 ff 00 00 00 00 02 00 00 00", 512).data()[1]);
            assertEquals(1, one.execute("a3 0c 03 28 00 01 00 00 02 00 00 00", 512).data()[1]);
            for (int options = 4; options < 8; options++) {
                assertEquals("5/24/00", one.execute("a3 0c 0" + options + "ff ff ff 00 00 02 00 00 00", 512).text());
            }
            assertEquals(4 + 20 * (all.length / 8), one.execute("a3 0c 80 00 00 00 00 00 20 00 00 00", 8192).data().length);
        });
    }

    @Test
    void shouldTellOfFunctionsPortsAndLogs() {
        Stage.with((stage, one) -> {
            assertEquals((byte) 0xde, one.execute("a3 0d 00 00 00 00 00 00 00 04 00 00", 4).data()[0]);
            assertEquals(16, one.execute("a3 0d 80 00 00 00 00 00 00 20 00 00", 32).data().length);
            ByteBuffer groups = ByteBuffer.wrap(one.execute("a3 0a 00 00 00 00 00 00 00 ff 00 00", 255).data());
            assertEquals(12, groups.getInt(0));
            assertEquals(1, groups.getShort(4 + 10));
            assertEquals(4 + 4 + 12, one.execute("a3 2a 00 00 00 00 00 00 00 ff 00 00", 255).data().length);
            assertEquals("5/24/00", one.execute("a3 4a 00 00 00 00 00 00 00 ff 00 00", 255).text());
            assertEquals(6, one.execute("4d 00 40 00 00 00 00 00 ff 00", 255).data().length);
            assertEquals(12, one.execute("4d 00 6f 00 00 00 00 00 ff 00", 255).data().length);
            assertEquals("5/24/00", one.execute("4d 00 41 00 00 00 00 00 ff 00", 255).text());
        });
    }
}
