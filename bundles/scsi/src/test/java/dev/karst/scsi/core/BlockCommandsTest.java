package dev.karst.scsi.core;

import static dev.karst.scsi.core.FakeInitiator.cdb;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Status;
import dev.karst.bdev.IoType;
import dev.karst.scsi.core.FakeInitiator.Answer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** VERIFY, WRITE AND VERIFY, WRITE SAME, UNMAP, COMPARE AND WRITE and what else is done to blocks. */
class BlockCommandsTest {
    private static byte[] filled(int bytes, int value) {
        byte[] filled = new byte[bytes];
        Arrays.fill(filled, (byte) value);
        return filled;
    }

    private static void write(FakeInitiator one, int lun, int block, byte[] data) throws Exception {
        String hex = String.format("2a 00 00 00 00 %02x 00 00 %02x 00", block, data.length / 512);
        assertTrue(one.execute(cdb(hex).to(lun).sending(data)).isGood());
    }

    private static byte[] read(FakeInitiator one, int lun, int block, int count) throws Exception {
        String hex = String.format("28 00 00 00 00 %02x 00 00 %02x 00", block, count);
        return one.execute(cdb(hex).to(lun).taking(count * 512)).data();
    }

    private static byte[] ranges(long... firstAndCount) {
        ByteBuffer list = ByteBuffer.allocate(8 + firstAndCount.length * 8);
        list.putShort((short) (list.capacity() - 2)).putShort((short) (list.capacity() - 8)).putInt(0);
        for (int i = 0; i < firstAndCount.length; i += 2) {
            list.putLong(firstAndCount[i]).putInt((int) firstAndCount[i + 1]).putInt(0);
        }
        return list.array();
    }

    private static FakeInitiator.Wish unmap(byte[] list) {
        return cdb(String.format("42 00 00 00 00 00 00 %02x %02x 00", list.length >> 8, list.length & 0xff)).sending(list);
    }

    @Test
    void shouldCompareWhenVerified() {
        Stage.with((stage, one) -> {
            write(one, 0, 0, filled(2048, 7));
            for (String verify : List.of("2f 02 00 00 00 00 00 00 04 00", "af 02 00 00 00 00 00 00 00 04 00 00",
                "8f 02 00 00 00 00 00 00 00 00 00 00 00 04 00 00")) {
                assertTrue(one.execute(cdb(verify).sending(filled(2048, 7))).isGood(), verify);
                byte[] other = filled(2048, 7);
                other[1700] = 8;
                assertEquals("E/1D/00", one.execute(cdb(verify).sending(other)).text());
            }
            assertTrue(one.execute("2f 00 00 00 00 00 00 00 04 00", 0).isGood());
            assertEquals("5/24/00", one.execute("2f 04 00 00 00 00 00 00 04 00", 0).text(), "BYTCHK 10b");
            assertEquals("B/0C/0D", one.execute(cdb("2f 02 00 00 00 00 00 00 04 00").sending(filled(512, 7))).text());
        });
    }

    @Test
    void shouldCompareEachBlockWithOneWhenAskedTo() {
        Stage.with((stage, one) -> {
            for (int i = 0; i < 40; i++) {
                write(one, 0, i, filled(512, 9));
            }
            assertTrue(one.execute(cdb("2f 06 00 00 00 00 00 00 28 00").sending(filled(512, 9))).isGood());
            write(one, 0, 39, filled(512, 1));
            assertEquals("E/1D/00", one.execute(cdb("2f 06 00 00 00 00 00 00 28 00").sending(filled(512, 9))).text());
        });
    }

    @Test
    void shouldLookAtMediumWhenWrittenAndVerified() {
        Stage.with((stage, one) -> {
            Answer answer = one.execute(cdb("2e 02 00 00 00 01 00 00 02 00").to(1).sending(filled(1024, 3)));
            assertTrue(answer.isGood());
            assertEquals(List.of("WRITE 1+2", "FLUSH 0+256", "COMPARE 1+2"), stage.module.seen);
            stage.module.failing.put(IoType.COMPARE, Status.MISCOMPARE);
            assertEquals("E/1D/00", one.execute(cdb("8e 02 00 00 00 00 00 00 00 01 00 00 00 02 00 00").to(1)
                .sending(filled(1024, 3))).text());
        });
    }

    @Test
    void shouldWriteOneBlockManyTimesWhenWriteSame() {
        Stage.with((stage, one) -> {
            assertTrue(one.execute(cdb("41 00 00 00 00 05 00 00 29 00").sending(filled(512, 0x5a))).isGood());
            assertArrayEquals(filled(41 * 512, 0x5a), read(one, 0, 5, 41));
            assertArrayEquals(new byte[512], read(one, 0, 46, 1), "no more than asked");
            assertTrue(one.execute(cdb("93 01 00 00 00 00 00 00 00 06 00 00 00 02 00 00")).isGood(), "NDOB");
            assertArrayEquals(new byte[1024], read(one, 0, 6, 2));
            assertEquals("5/24/00", one.execute(cdb("41 00 00 00 00 05 00 00 00 00").sending(filled(512, 1))).text(), "WSNZ");
            assertEquals("5/24/00", one.execute(cdb("41 10 00 00 00 05 00 00 01 00").sending(filled(512, 1))).text(), "ANCHOR");
            assertEquals("B/0C/0D", one.execute(cdb("41 08 00 00 00 05 00 00 01 00").sending(filled(256, 0))).text());
            assertEquals("5/24/00", one.execute(cdb("41 08 00 00 00 05 00 00 01 00").sending(filled(1024, 0))).text());
            assertEquals("5/21/00", one.execute(cdb("41 00 00 00 20 00 00 00 01 00").sending(filled(512, 1))).text());
        });
    }

    @Test
    void shouldGiveBackWhenWriteSameUnmaps() {
        Stage.with((stage, one) -> {
            one.execute(cdb("41 08 00 00 00 05 00 00 02 00").to(1).sending(new byte[512]));
            one.execute(cdb("41 00 00 00 00 05 00 00 02 00").to(1).sending(new byte[512]));
            assertEquals(List.of("UNMAP 5+2", "WRITE_ZEROES 5+2"), stage.module.seen);
            stage.module.missing.add(IoType.UNMAP);
            stage.module.create("Thick", 64, false, false);
            stage.device.addUnit(2, "Thick");
            one.ready(2);
            assertEquals("5/24/00", one.execute(cdb("41 08 00 00 00 05 00 00 02 00").to(2).sending(new byte[512])).text());
            assertEquals("5/20/00", one.execute(unmap(ranges(0, 1)).to(2)).text());
            assertEquals(0, one.execute(cdb("12 01 b2 00 ff 00").to(2).taking(255)).data()[5]);
        });
    }

    @Test
    void shouldGiveBackAllRangesOrNoneWhenUnmapped() {
        Stage.with((stage, one) -> {
            assertTrue(one.execute(unmap(ranges(1, 2, 9, 0, 20, 5)).to(1)).isGood());
            assertEquals(List.of("UNMAP 1+2", "UNMAP 20+5"), stage.module.seen);
            stage.module.seen.clear();
            assertEquals("5/21/00", one.execute(unmap(ranges(1, 2, 250, 7)).to(1)).text());
            long[] whole = new long[2 * 130];
            for (int i = 1; i < whole.length; i += 2) {
                whole[i] = Stage.BLOCKS;
            }
            assertEquals("5/26/00", one.execute(unmap(ranges(whole))).text(), "too many blocks");
            assertTrue(one.execute("42", 0).isGood(), "no list");
            assertEquals("5/1A/00", one.execute(unmap(new byte[7]).to(1)).text());
            assertEquals("5/26/00", one.execute(unmap(ranges(new long[2 * 257])).to(1)).text(), "too many ranges");
            byte[] cut = Arrays.copyOf(ranges(3, 1, 4, 1), 8 + 16 + 7);
            assertTrue(one.execute(unmap(cut).to(1)).isGood());
            assertEquals(List.of("UNMAP 3+1"), stage.module.seen, "what is there in whole");
        });
    }

    @Test
    void shouldWriteOnlyWhatWasExpectedWhenComparedAndWritten() {
        Stage.with((stage, one) -> {
            write(one, 0, 4, filled(1024, 1));
            byte[] sent = new byte[2048];
            System.arraycopy(filled(1024, 1), 0, sent, 0, 1024);
            System.arraycopy(filled(1024, 2), 0, sent, 1024, 1024);
            String hex = "89 00 00 00 00 00 00 00 00 04 00 00 00 02 00 00";
            assertTrue(one.execute(cdb(hex).sending(sent)).isGood());
            assertArrayEquals(filled(1024, 2), read(one, 0, 4, 2));
            byte[] most = read(one, 0, 4, 2);
            most[700] = 5;
            System.arraycopy(most, 0, sent, 0, 1024);
            Answer differs = one.execute(cdb(hex).sending(sent));
            assertEquals("E/1D/00", differs.text());
            assertEquals(700, ByteBuffer.wrap(differs.sense()).getInt(3), "where");
            assertEquals((byte) 0xf0, differs.sense()[0], "VALID");
            assertEquals("B/0C/0D", one.execute(cdb(hex).sending(filled(1024, 1))).text());
            assertEquals("5/24/00", one.execute(cdb(hex).sending(filled(4096, 1))).text());
            assertEquals("5/24/00", one.execute("89 00 00 00 00 00 00 00 00 04 00 00 00 81 00 00", 0).text(), "129 blocks");
            assertTrue(one.execute("89 00 00 00 00 00 00 00 00 04 00 00 00 00 00 00", 0).isGood());
        });
    }

    @Test
    void shouldLetOneWinWhenTwoCompareAndWrite() {
        Stage.with((stage, one) -> {
            FakeInitiator two = stage.initiator("iqn.host:two").ready(0);
            int wins = 0;
            for (int i = 0; i < 50; i++) {
                byte[] sent = filled(1024, i);
                System.arraycopy(filled(512, i + 1), 0, sent, 512, 512);
                var first = one.begin(cdb("89 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00").sending(sent));
                var second = two.begin(cdb("89 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00").sending(sent));
                wins += (stage.world.get(first.answer).isGood() ? 1 : 0) + (stage.world.get(second.answer).isGood() ? 1 : 0);
            }
            assertEquals(50, wins);
            two.close();
        });
    }

    @Test
    void shouldRefuseWritesWhenProtected() {
        Stage.with((stage, one) -> {
            stage.module.create("Fixed", 64, true, false);
            stage.device.addUnit(3, "Fixed");
            one.ready(3);
            for (String hex : List.of(
                "2a 00 00 00 00 00 00 00 01 00", "41 00 00 00 00 00 00 00 01 00", "2e 00 00 00 00 00 00 00 01 00",
                "89 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00", "42 00 00 00 00 00 00 00 18 00")) {
                assertEquals("7/27/00", one.execute(cdb(hex).to(3).sending(filled(1024, 1))).text(), hex);
            }
            assertTrue(one.execute(cdb("28 00 00 00 00 00 00 00 01 00").to(3).taking(512)).isGood());
            assertEquals((byte) 0x90, one.execute(cdb("1a 08 3f 00 ff 00").to(3).taking(255)).data()[2], "WP");
        });
    }

    @Test
    void shouldAnswerWhatIsAskedOfMedium() {
        Stage.with((stage, one) -> {
            ByteBuffer status = ByteBuffer.wrap(one.execute("9e 12 00 00 00 00 00 00 00 09 00 00 00 18 00 00", 24).data());
            assertEquals(9, status.getLong(8));
            assertEquals(Stage.BLOCKS - 9, status.getInt(16));
            assertEquals("5/21/00", one.execute("9e 12 00 00 00 00 00 00 20 00 00 00 00 18 00 00", 24).text());
            assertEquals(4, one.execute("37 00 18 00 00 00 00 00 20 00", 32).data().length);
            assertEquals(8, one.execute("b7 18 00 00 00 00 00 00 00 20 00 00", 32).data().length);
            assertTrue(one.execute("34 02 00 00 00 00 00 00 08 00", 0).isGood());
            assertEquals("5/21/00", one.execute("90 00 00 00 00 00 00 00 20 00 00 00 00 01 00 00", 0).text());
            one.execute(cdb("1b 00 00 00 00 00").to(1));
            assertEquals(List.of("FLUSH 0+256"), stage.module.seen, "stopped");
            assertEquals("5/24/00", one.execute("1b 00 00 00 02 00", 0).text(), "nothing to eject");
            assertTrue(one.execute("1e 00 00 00 01 00", 0).isGood());
        });
    }

    @Test
    void shouldTellMappedFromDeallocatedWhenTheFileIsSparse() {
        Stage.with((stage, one) -> {
            stage.file("Disk", 16);
            stage.device.addUnit(2, "Disk");
            one.ready(2);
            assertEquals(List.of("0+32768 deallocated"), states(one, 0, 200));
            assertTrue(one.execute(cdb("2a 00 00 00 00 10 00 00 01 00").to(2).sending(new byte[512])).isGood());
            assertTrue(one.execute(cdb("2a 00 00 00 00 40 00 00 08 00").to(2).sending(new byte[4096])).isGood());
            assertEquals(List.of("0+16 deallocated", "16+8 mapped", "24+40 deallocated", "64+8 mapped", "72+32696 deallocated"),
                states(one, 0, 200));
            assertEquals(List.of("66+6 mapped", "72+32696 deallocated"), states(one, 66, 200));
            assertEquals(List.of("66+6 mapped"), states(one, 66, 24), "as many as there is room for");
            byte[] unmap = HexFormat.of().parseHex("0016001000000000" + "0000000000000040" + "0000000800000000");
            assertTrue(one.execute(cdb("42 00 00 00 00 00 00 00 18 00").to(2).sending(unmap)).isGood());
            assertEquals(List.of("24+32744 deallocated"), states(one, 24, 200));
        });
    }

    @Test
    void shouldTellOfBlocksWhenTheDeviceFindsNothing() {
        Stage.with((stage, one) -> {
            // It answers each time that it is block 0.
            byte[] data = one.execute(cdb("9e 12 00 00 00 00 00 00 00 02 00 00 00 38 00 00").to(1).taking(56)).data();
            assertEquals(56, data.length, "three extents");
            assertEquals(4, ByteBuffer.wrap(data).getLong(40));
        });
    }

    private static List<String> states(FakeInitiator one, int first, int allocation) throws Exception {
        String cdb = String.format("9e 12 00 00 00 00 %08x %08x 00 00", first, allocation);
        var answer = one.execute(cdb(cdb).to(2).taking(allocation));
        ByteBuffer data = ByteBuffer.wrap(answer.data());
        assertEquals(data.capacity() - 4, data.getInt());
        data.position(8);
        List<String> states = new ArrayList<>();
        while (data.hasRemaining()) {
            states.add(data.getLong() + "+" + data.getInt() + (data.getInt() >> 24 == 0 ? " mapped" : " deallocated"));
        }
        return states;
    }
}
