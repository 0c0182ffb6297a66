package dev.karst.scsi.core;

import static dev.karst.scsi.core.FakeInitiator.cdb;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Status;
import dev.karst.bdev.IoType;
import dev.karst.scsi.core.FakeInitiator.Answer;
import dev.karst.scsi.core.FakeInitiator.Pending;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** EXTENDED COPY, ORWRITE, and reads of less than a block: what needs memory that the transport does not give. */
class CopyTest {
    private static final int TARGET_BYTES = 32;
    private static final int SEGMENT_BYTES = 28;

    private static byte[] pattern(int bytes, int seed) {
        byte[] pattern = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            pattern[i] = (byte) (i * seed + i / 512);
        }
        return pattern;
    }

    private static void write(FakeInitiator one, int lun, int block, byte[] data) throws Exception {
        String hex = String.format("2a 00 00 00 00 %02x 00 %04x 00", block, data.length / 512);
        assertTrue(one.execute(cdb(hex).to(lun).sending(data)).isGood());
    }

    private static byte[] read(FakeInitiator one, int lun, int block, int count) throws Exception {
        return one.execute(cdb(String.format("28 00 00 00 00 %02x 00 %04x 00", block, count)).to(lun).taking(count * 512)).data();
    }

    /** The NAA of a logical unit as an identification descriptor. */
    static byte[] identification(FakeInitiator one, int lun) throws Exception {
        byte[] page = one.execute(cdb("12 01 83 04 00 00").to(lun).taking(1024)).data();
        int at = 4;
        while ((page[at + 1] & 0xf) != 3) {
            at += 4 + page[at + 3];
        }
        return ByteBuffer.allocate(TARGET_BYTES).put((byte) 0xe4).put(new byte[3]).put(page, at, 12)
            .put(28, (byte) 0).putShort(30, (short) 512).array();
    }

    private static byte[] segment(int from, int to, int blocks, long source, long target) {
        return ByteBuffer.allocate(SEGMENT_BYTES).put((byte) 2).put((byte) 0).putShort((short) 24).putShort((short) from)
            .putShort((short) to).putShort((short) 0).putShort((short) blocks).putLong(source).putLong(target).array();
    }

    private static FakeInitiator.Wish copy(byte[][] targets, byte[]... segments) {
        int targetBytes = targets.length * TARGET_BYTES;
        int segmentBytes = segments.length * SEGMENT_BYTES;
        ByteBuffer list = ByteBuffer.allocate(16 + targetBytes + segmentBytes);
        list.putShort(2, (short) targetBytes).putInt(8, segmentBytes).position(16);
        for (byte[] target : targets) {
            list.put(target);
        }
        for (byte[] segment : segments) {
            list.put(segment);
        }
        return cdb(String.format("83 00 00 00 00 00 00 00 00 00 %08x 00 00", list.capacity())).sending(list.array());
    }

    @Test
    void shouldCopyWithinAndBetweenUnits() {
        Stage.with((stage, one) -> {
            byte[] data = pattern(100 * 512, 7);
            write(one, 0, 3, data);
            byte[][] both = {identification(one, 0), identification(one, 1)};
            assertTrue(one.execute(copy(both, segment(0, 1, 100, 3, 50), segment(0, 0, 100, 3, 4000))).isGood());
            assertArrayEquals(data, read(one, 1, 50, 100));
            Answer far = one.execute(cdb("28 00 00 00 0f a0 00 00 64 00").taking(100 * 512));
            assertArrayEquals(data, far.data());
        });
    }

    @Test
    void shouldCopyMoreThanABufferHolds() {
        Stage.with((stage, one) -> {
            byte[] data = pattern(512 * 512, 5);
            write(one, 0, 0, data);
            byte[][] same = {identification(one, 0)};
            assertTrue(one.execute(copy(same, segment(0, 0, 512, 0, 1000), segment(0, 0, 512, 1000, 2000))).isGood());
            assertArrayEquals(data, one.execute(cdb("28 00 00 00 07 d0 00 02 00 00").taking(512 * 512)).data());
        });
    }

    @Test
    void shouldRefuseListsThatAreWrong() {
        Stage.with((stage, one) -> {
            byte[] here = identification(one, 0);
            byte[] segment = segment(0, 0, 1, 0, 9);
            assertTrue(one.execute("83 00", 0).isGood(), "no list");
            byte[] cut = Arrays.copyOf(copy(new byte[][] {here}, segment).sent, 16 + 32 + 27);
            assertEquals("5/1A/00", one.execute(cdb("83 00 00 00 00 00 00 00 00 00 00 00 00 4b 00 00").sending(cut)).text());
            byte[][] many = new byte[9][];
            Arrays.fill(many, here);
            assertEquals("5/26/06", one.execute(copy(many, segment)).text());
            byte[][] segments = new byte[17][];
            Arrays.fill(segments, segment);
            assertEquals("5/26/08", one.execute(copy(new byte[][] {here}, segments)).text());
            byte[] other = here.clone();
            other[0] = (byte) 0xe0;
            assertEquals("5/26/07", one.execute(copy(new byte[][] {other}, segment)).text());
            byte[] stream = segment.clone();
            stream[0] = 3;
            assertEquals("5/26/09", one.execute(copy(new byte[][] {here}, stream)).text());
            assertEquals("A/0D/02", one.execute(copy(new byte[][] {here}, segment(0, 1, 1, 0, 9))).text());
            byte[] unknown = here.clone();
            unknown[12] ^= 1;
            assertEquals("A/0D/02", one.execute(copy(new byte[][] {unknown}, segment)).text());
            assertEquals("A/00/00", one.execute(copy(new byte[][] {here}, segment(0, 0, 2, 0, Stage.BLOCKS - 1))).text());
            assertEquals(46, one.execute("84 03 00 00 00 00 00 00 00 00 00 00 04 00 00 00", 1024).data().length);
        });
    }

    @Test
    void shouldTellOnceWhatBecameOfACopy() {
        Stage.with((stage, one) -> {
            String status = "84 00 05 00 00 00 00 00 00 00 00 00 00 40 00 00";
            assertEquals("5/24/00", one.execute(status, 64).text(), "nothing was copied");
            byte[][] here = {identification(one, 0)};
            FakeInitiator.Wish copy = copy(here, segment(0, 0, 8, 0, 100), segment(0, 0, 4, 0, 200));
            copy.sent[0] = 5;
            assertTrue(one.execute(copy).isGood());
            ByteBuffer told = ByteBuffer.wrap(one.execute(status, 64).data());
            assertEquals(1, told.get(4));
            assertEquals(2, told.getShort(5));
            assertEquals(6, told.getInt(8), "KiB");
            assertEquals("5/24/00", one.execute(status, 64).text());
            copy.sent[1] = 3 << 3;
            assertTrue(one.execute(copy).isGood());
            assertEquals("5/24/00", one.execute(status, 64).text(), "forgotten as asked");
        });
    }

    @Test
    void shouldObeyReservationsOfTheOtherUnit() {
        Stage.with((stage, one) -> {
            FakeInitiator two = stage.initiator("iqn.host:two").ready(0).ready(1);
            assertTrue(two.execute(cdb("16").to(1)).isGood());
            byte[][] both = {identification(one, 0), identification(one, 1)};
            assertEquals("status 18", one.execute(copy(both, segment(0, 1, 4, 0, 0))).text());
            assertTrue(two.execute(cdb("17").to(1)).isGood());
            stage.module.holds = true;
            stage.module.stubborn = true;
            Pending copying = one.begin(copy(both, segment(0, 1, 4, 0, 0)));
            stage.world.settle(1);
            Pending reserve = two.begin(cdb("16").to(1));
            stage.world.settle(1);
            assertTrue(!reserve.answer.isDone(), "a write of the copy may still land");
            stage.module.release();
            assertTrue(stage.world.get(reserve.answer).isGood());
            assertTrue(copying.answer.isDone());
            two.execute(cdb("17").to(1));
            two.close();
        });
    }

    @Test
    void shouldEndCopyWhenOtherUnitGoes() {
        Stage.with((stage, one) -> {
            byte[][] both = {identification(one, 0), identification(one, 1)};
            stage.module.usualNanos = 100_000;
            Pending copying = one.begin(copy(both, segment(1, 0, 200, 0, 0), segment(1, 0, 200, 0, 0), segment(1, 0, 200, 0, 0)));
            stage.world.until(() -> stage.module.inFlight > 0);
            stage.device.removeUnit(1);
            assertEquals("A/0D/02", stage.world.get(copying.answer).text());
        });
    }

    @Test
    void shouldJoinBitsWhenOrWritten() {
        Stage.with((stage, one) -> {
            byte[] before = pattern(256 * 512, 3);
            byte[] bits = pattern(256 * 512, 11);
            write(one, 0, 1, before);
            assertTrue(one.execute(cdb("8b 00 00 00 00 00 00 00 00 01 00 00 01 00 00 00").sending(bits)).isGood());
            for (int i = 0; i < before.length; i++) {
                before[i] |= bits[i];
            }
            assertArrayEquals(before, read(one, 0, 1, 256));
            String far = "8b 00 00 00 00 00 00 00 20 00 00 00 00 01 00 00";
            assertEquals("5/21/00", one.execute(cdb(far).sending(new byte[512])).text());
            assertTrue(one.execute("8b 00 00 00 00 00 00 00 00 01 00 00 00 00 00 00", 0).isGood());
        });
    }

    @Test
    void shouldLoseNoBitWhenManyOrWrite() {
        Stage.with((stage, one) -> {
            FakeInitiator two = stage.initiator("iqn.host:two").ready(0).ready(1);
            write(one, 1, 7, new byte[512]);
            stage.module.usualNanos = 50_000;
            Pending[] pending = new Pending[16];
            for (int i = 0; i < pending.length; i++) {
                byte[] bits = new byte[512];
                bits[i / 8] = (byte) (1 << i % 8);
                pending[i] = (i % 2 == 0 ? one : two)
                    .begin(cdb("8b 00 00 00 00 00 00 00 00 07 00 00 00 01 00 00").to(1).sending(bits));
            }
            for (Pending each : pending) {
                assertTrue(stage.world.get(each.answer).isGood());
            }
            byte[] found = read(one, 1, 7, 1);
            assertEquals((byte) 0xff, found[0]);
            assertEquals((byte) 0xff, found[1]);
            two.close();
        });
    }

    @Test
    void shouldGiveAsManyBytesAsInitiatorTakes() {
        Stage.with((stage, one) -> {
            byte[] data = pattern(1024, 9);
            write(one, 0, 0, data);
            Answer some = one.execute("28 00 00 00 00 00 00 00 02 00", 700);
            assertArrayEquals(Arrays.copyOf(data, 700), some.data());
            assertEquals(1024, some.wanted());
            assertArrayEquals(Arrays.copyOf(data, 100), one.execute("28 00 00 00 00 00 00 00 02 00", 100).data());
        });
    }

    @Test
    void shouldGiveBuffersBackWhenStepsFail() {
        Stage.with((stage, one) -> {
            stage.module.failing.put(IoType.READ, Status.errno(5));
            for (int i = 0; i < 10; i++) {
                String orWrite = "8b 00 00 00 00 00 00 00 00 07 00 00 00 01 00 00";
                assertEquals("3/11/00", one.execute(cdb(orWrite).to(1).sending(new byte[512])).text());
                assertEquals("3/11/00", one.execute(cdb("28 00 00 00 00 00 00 00 01 00").to(1).taking(100)).text());
            }
        });
    }
}
