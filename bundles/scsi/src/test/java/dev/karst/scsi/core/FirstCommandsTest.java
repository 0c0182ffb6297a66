package dev.karst.scsi.core;

import static dev.karst.scsi.core.FakeInitiator.cdb;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.scsi.ScsiNexus;
import dev.karst.scsi.ScsiNexus.Management;
import dev.karst.scsi.ScsiTask;
import dev.karst.scsi.core.FakeInitiator.Answer;
import dev.karst.scsi.core.FakeInitiator.Pending;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every initiator does first, and how commands wait, end and are aborted. */
class FirstCommandsTest {
    private static byte[] pattern(int bytes) {
        byte[] pattern = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            pattern[i] = (byte) (i * 31 + i / 512);
        }
        return pattern;
    }

    private static String text(byte[] bytes, int from, int length) {
        return new String(bytes, from, length, StandardCharsets.US_ASCII).trim();
    }

    @Test
    void shouldTellOfPowerOnOnceWhenNexusIsNew() {
        Stage.with((stage, one) -> {
            FakeInitiator two = stage.initiator("iqn.host:two");
            assertTrue(two.execute("12 00 00 00 60 00", 96).isGood(), "INQUIRY passes");
            assertEquals("6/29/00", two.execute("00", 0).text());
            assertTrue(two.execute("00", 0).isGood());
            assertEquals("6/29/00", two.execute(cdb("00").to(1)).text(), "each logical unit tells");
            two.close();
        });
    }

    @Test
    void shouldSayWhatItIsWhenInquired() {
        Stage.with((stage, one) -> {
            Answer standard = one.execute("12 00 00 00 ff 00", 255);
            assertEquals(96, standard.data().length);
            assertEquals("KARST", text(standard.data(), 8, 8));
            assertEquals("Malloc disk", text(standard.data(), 16, 16));
            assertEquals(6, standard.data()[2]);
            byte[] pages = one.execute("12 01 00 00 ff 00", 255).data();
            for (int i = 4; i < pages.length; i++) {
                Answer page = one.execute(String.format("12 01 %02x 00 ff 00", pages[i]), 255);
                assertEquals(pages[i], page.data()[1]);
                int bytes = 4 + ByteBuffer.wrap(page.data()).getShort(2);
                assertEquals(Math.min(255, bytes), page.data().length, "page " + pages[i]);
            }
            String serial = text(one.execute("12 01 80 00 ff 00", 255).data(), 4, 36);
            assertEquals(stage.bdevs.find("Malloc0").orElseThrow().uuid().toString(), serial);
            ByteBuffer limits = ByteBuffer.wrap(one.execute("12 01 b0 00 ff 00", 255).data());
            assertEquals(FakeInitiator.DATA_BYTES / 512, limits.getInt(8));
        });
    }

    @Test
    void shouldTruncateWhenAllocationIsSmall() {
        Stage.with((stage, one) -> {
            assertEquals(0, one.execute("12 00 00 00 00 00", 0).data().length);
            Answer five = one.execute("12 00 00 00 05 00", 5);
            assertEquals(5, five.data().length);
            assertEquals(91, five.data()[4]);
            Answer less = one.execute("12 00 00 00 60 00", 10);
            assertEquals(10, less.data().length);
            assertEquals(96, less.wanted());
        });
    }

    @Test
    void shouldRefuseInquiryWhenFieldsAreWrong() {
        Stage.with((stage, one) -> {
            Answer unknown = one.execute("12 01 55 00 ff 00", 255);
            assertEquals("5/24/00", unknown.text());
            assertArrayEquals(new byte[] {(byte) 0xcf, 0, 2}, Arrays.copyOfRange(unknown.sense(), 15, 18), "the field");
            assertEquals("5/24/00", one.execute("12 02 00 00 ff 00", 255).text(), "CMDDT");
            assertEquals("5/24/00", one.execute("12 00 80 00 ff 00", 255).text(), "a page without EVPD");
            assertEquals("5/24/00", one.execute("12 00 00 00 ff 04", 255).text(), "NACA");
            assertEquals("5/20/00", one.execute("ff", 0).text());
            assertEquals("5/24/00", one.execute("9e 1f", 0).text());
        });
    }

    @Test
    void shouldSayThereIsNoneWhenLunIsNotThere() {
        Stage.with((stage, one) -> {
            for (long lun : new long[] {5L << 48, 0x4123L << 48, 0xC101L << 48, 0x0000_0001_0000_0000L, -1}) {
                assertEquals("5/25/00", one.execute(cdb("00").at(lun)).text());
                assertEquals(0x7f, one.execute(cdb("12 00 00 00 60 00").at(lun).taking(96)).data()[0]);
                assertEquals(5, one.execute(cdb("03 00 00 00 12 00").at(lun).taking(18)).data()[2]);
            }
            assertTrue(one.execute(cdb("00").at(0x4001L << 48)).isGood(), "flat addressing");
        });
    }

    @Test
    void shouldListLunsWhenAsked() {
        Stage.with((stage, one) -> {
            stage.create("Malloc1", 1024);
            stage.device.addUnit(200, "Malloc1");
            assertEquals("6/3F/0E", one.execute("00", 0).text());
            byte[] all = one.execute("a0 00 00 00 00 00 00 00 10 00 00 00", 4096).data();
            assertEquals(24, ByteBuffer.wrap(all).getInt());
            assertEquals(200, all[8 + 2 * 8 + 1] & 0xff);
            assertEquals(0, ByteBuffer.wrap(one.execute("a0 00 01 00 00 00 00 00 10 00 00 00", 4096).data()).getInt());
            assertEquals("5/24/00", one.execute("a0 00 07 00 00 00 00 00 10 00 00 00", 4096).text());
            assertTrue(one.execute(cdb("00").to(1)).text().startsWith("6/3F"), "each logical unit tells");
        });
    }

    @Test
    void shouldTellItsSizeWhenAsked() {
        Stage.with((stage, one) -> {
            ByteBuffer ten = ByteBuffer.wrap(one.execute("25", 8).data());
            assertEquals(Stage.BLOCKS - 1, ten.getInt(0));
            assertEquals(512, ten.getInt(4));
            ByteBuffer sixteen = ByteBuffer.wrap(one.execute("9e 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00", 32).data());
            assertEquals(Stage.BLOCKS - 1, sixteen.getLong(0));
            assertEquals(0xc000, sixteen.getShort(14) & 0xffff);
            assertEquals("5/24/00", one.execute("25 00 00 00 00 01", 8).text());
            assertTrue(one.execute("9e 10", 0).isGood(), "no allocation");
        });
    }

    @Test
    void shouldReadWhatWasWrittenByCommandsOfEveryLength() {
        Stage.with((stage, one) -> {
            byte[] data = pattern(1024);
            String[] writes = {
                "0a 00 00 08 02 00", "2a 00 00 00 00 10 00 00 02 00", "aa 00 00 00 00 18 00 00 00 02 00 00",
                "8a 00 00 00 00 00 00 00 00 20 00 00 00 02 00 00"};
            String[] reads = {
                "08 00 00 08 02 00", "28 00 00 00 00 10 00 00 02 00", "a8 00 00 00 00 18 00 00 00 02 00 00",
                "88 00 00 00 00 00 00 00 00 20 00 00 00 02 00 00"};
            for (int i = 0; i < writes.length; i++) {
                assertTrue(one.execute(cdb(writes[i]).sending(data)).isGood());
                Answer read = one.execute(reads[i], 1024);
                assertArrayEquals(data, read.data(), reads[i]);
                assertEquals(1024, read.wanted());
            }
            assertTrue(one.execute("28 00 00 00 00 00 00 00 00 00", 0).isGood(), "no blocks");
        });
    }

    @Test
    void shouldRefuseTransfersThatReachTooFar() {
        Stage.with((stage, one) -> {
            assertEquals("5/21/00", one.execute("28 00 00 00 1f ff 00 00 02 00", 1024).text());
            assertEquals("5/21/00", one.execute("28 00 00 00 20 01 00 00 00 00", 0).text(), "no blocks behind the end");
            assertEquals("5/21/00", one.execute("88 00 ff ff ff ff ff ff ff ff 00 00 00 02 00 00", 1024).text());
            assertEquals("5/21/00", one.execute("88 00 7f ff ff ff ff ff ff ff ff ff ff ff 00 00", 1024).text());
            assertEquals("5/24/00", one.execute("28 00 00 00 00 00 00 02 01 00", 0x201 * 512).text(), "longer than may be");
            assertEquals("5/24/00", one.execute("28 20 00 00 00 00 00 00 01 00", 512).text(), "RDPROTECT");
        });
    }

    @Test
    void shouldMoveWhatBothHaveInCommonWhenLengthsDiffer() {
        Stage.with((stage, one) -> {
            byte[] two = pattern(1024);
            one.execute(cdb("2a 00 00 00 00 00 00 00 02 00").sending(new byte[1024]));
            Answer written = one.execute(cdb("2a 00 00 00 00 00 00 00 02 00").sending(pattern(512)));
            assertTrue(written.isGood());
            assertEquals(1024, written.wanted());
            byte[] found = one.execute("28 00 00 00 00 00 00 00 02 00", 1024).data();
            assertArrayEquals(pattern(512), Arrays.copyOf(found, 512));
            assertArrayEquals(new byte[512], Arrays.copyOfRange(found, 512, 1024), "not offered, not written");
            one.execute(cdb("2a 00 00 00 00 00 00 00 01 00").sending(two));
            assertEquals(512, one.execute("28 00 00 00 00 00 00 00 02 00", 512).data().length);
            assertEquals(512, one.execute("28 00 00 00 00 00 00 00 01 00", 4096).data().length);
        });
    }

    @Test
    void shouldFlushWhenAskedOrForced() {
        Stage.with((stage, one) -> {
            one.execute(cdb("2a 00 00 00 00 00 00 00 01 00").to(1).sending(pattern(512)));
            one.execute(cdb("2a 08 00 00 00 01 00 00 01 00").to(1).sending(pattern(512)));
            one.execute(cdb("28 18 00 00 00 01 00 00 01 00").to(1).taking(512));
            one.execute(cdb("35").to(1));
            assertEquals(List.of("WRITE 0+1", "WRITE 1+1", "FLUSH 0+256", "FLUSH 0+256", "READ 1+1", "FLUSH 0+256"),
                stage.module.seen);
            assertEquals("5/21/00", one.execute(cdb("35 00 00 00 01 00 00 00 02 00").to(1)).text());
        });
    }

    @Test
    void shouldTellItsModesWhenSensed() {
        Stage.with((stage, one) -> {
            byte[] caching = one.execute(cdb("1a 08 08 00 ff 00").to(1).taking(255)).data();
            assertEquals(24, caching.length);
            assertEquals(23, caching[0]);
            assertEquals(0x10, caching[2], "DPOFUA");
            assertEquals(0x04, caching[4 + 2], "WCE");
            assertEquals(0, one.execute("1a 08 08 00 ff 00", 255).data()[4 + 2], "no cache");
            byte[] all = one.execute(cdb("5a 00 3f 00 00 00 00 01 00 00").taking(256)).data();
            assertEquals(8 + 8 + 20 + 12 + 12, all.length);
            assertEquals(Stage.BLOCKS, ByteBuffer.wrap(all).getInt(8));
            assertEquals("5/39/00", one.execute("1a 00 c8 00 ff 00", 255).text());
            assertEquals("5/24/00", one.execute("1a 00 01 00 ff 00", 255).text());
        });
    }

    @Test
    void shouldSayMediumErrorWhenBlockDeviceFails() {
        Stage.with((stage, one) -> {
            stage.module.failing.put(IoType.READ, Status.errno(5));
            assertEquals("3/11/00", one.execute(cdb("28 00 00 00 00 00 00 00 01 00").to(1).taking(512)).text());
        });
    }

    @Test
    void shouldExecuteInOrderWhenTasksAreOrdered() {
        Stage.with((stage, one) -> {
            stage.module.holds = true;
            Pending first = one.begin(cdb("2a 00 00 00 00 00 00 00 01 00").to(1).sending(pattern(512)));
            Pending ordered = one.begin(cdb("2a 00 00 00 00 01 00 00 01 00").to(1).as(ScsiTask.ORDERED).sending(pattern(512)));
            Pending later = one.begin(cdb("2a 00 00 00 00 02 00 00 01 00").to(1).sending(pattern(512)));
            Pending head = one.begin(cdb("2a 00 00 00 00 03 00 00 01 00").to(1).as(ScsiTask.HEAD_OF_QUEUE).sending(pattern(512)));
            stage.world.settle(1);
            assertEquals(List.of("WRITE 0+1", "WRITE 3+1"), stage.module.seen, "the ordered one waits, the head does not");
            stage.module.release();
            for (Pending each : List.of(first, ordered, later, head)) {
                assertTrue(stage.world.get(each.answer).isGood());
            }
            assertEquals(List.of("WRITE 0+1", "WRITE 3+1", "WRITE 1+1", "WRITE 2+1"), stage.module.seen);
        });
    }

    @Test
    void shouldAbortWhatIsInFlightWhenManaged() {
        Stage.with((stage, one) -> {
            stage.module.holds = true;
            Pending running = one.begin(cdb("2a 00 00 00 00 00 00 00 01 00").to(1).sending(pattern(512)));
            Pending waiting = one.begin(cdb("2a 00 00 00 00 01 00 00 01 00").to(1).as(ScsiTask.ORDERED).sending(pattern(512)));
            stage.world.settle(1);
            assertEquals(ScsiNexus.FUNCTION_SUCCEEDED, stage.world.get(one.manage(Management.QUERY_TASK, 1, running)));
            assertEquals(ScsiNexus.FUNCTION_COMPLETE, stage.world.get(one.manage(Management.ABORT_TASK, 1, waiting)));
            assertNull(stage.world.get(waiting.answer));
            assertEquals(ScsiNexus.FUNCTION_COMPLETE, stage.world.get(one.manage(Management.ABORT_TASK_SET, 1, null)));
            assertNull(stage.world.get(running.answer));
            assertEquals(ScsiNexus.NO_TASK, stage.world.get(one.manage(Management.ABORT_TASK, 1, running)));
            assertEquals(ScsiNexus.NO_LUN, stage.world.get(one.manage(Management.LOGICAL_UNIT_RESET, 9, null)));
            assertEquals(ScsiNexus.NOT_SUPPORTED, stage.world.get(one.manage(Management.CLEAR_ACA, 1, null)));
            stage.module.holds = false;
        });
    }

    @Test
    void shouldEndCommandsOfAllNexusesWhenLogicalUnitIsReset() {
        Stage.with((stage, one) -> {
            FakeInitiator two = stage.initiator("iqn.host:two").ready(0).ready(1);
            stage.module.holds = true;
            Pending mine = one.begin(cdb("2a 00 00 00 00 00 00 00 01 00").to(1).sending(pattern(512)));
            Pending other = two.begin(cdb("2a 00 00 00 00 01 00 00 01 00").to(1).sending(pattern(512)));
            stage.world.settle(1);
            assertEquals(ScsiNexus.FUNCTION_COMPLETE, stage.world.get(one.manage(Management.LOGICAL_UNIT_RESET, 1, null)));
            assertTrue(mine.answer.isDone() && other.answer.isDone(), "no affected command is left");
            stage.module.holds = false;
            assertEquals("6/29/03", two.execute(cdb("00").to(1)).text());
            assertEquals("6/29/03", one.execute(cdb("00").to(1)).text());
            assertTrue(two.execute("00", 0).isGood(), "the other logical unit");
            two.close();
        });
    }

    @Test
    void shouldEndWhatOthersHaveNotExecutedWhenUnitsAreReset() {
        Stage.with((stage, one) -> {
            FakeInitiator two = stage.initiator("iqn.host:two").ready(0).ready(1);
            stage.world.get(one.manage(Management.LOGICAL_UNIT_RESET, 1, null));
            byte[] tellsAborted = HexFormat.of().parseHex("000000000a0a201000400000ffff0000");
            assertTrue(one.ready(0).execute(cdb("15 10 00 00 10 00").sending(tellsAborted)).isGood());
            stage.world.get(one.manage(Management.TARGET_RESET, 0, null));
            assertEquals(List.of("1", "0 told", "1"), two.waitingAborted);
            assertEquals(List.of(), one.waitingAborted, "the transport ends its own");
            two.close();
        });
    }

    @Test
    void shouldNotAnswerBeforeCommandEndedWhenDeviceAbortsNothing() {
        Stage.with((stage, one) -> {
            stage.module.holds = true;
            stage.module.stubborn = true;
            Pending running = one.begin(cdb("2a 00 00 00 00 00 00 00 01 00").to(1).sending(pattern(512)));
            stage.world.settle(1);
            var reset = one.manage(Management.LOGICAL_UNIT_RESET, 1, null);
            stage.world.settle(1);
            assertTrue(!reset.isDone(), "a write may still land");
            stage.module.release();
            assertEquals(ScsiNexus.FUNCTION_COMPLETE, stage.world.get(reset));
            assertNull(stage.world.get(running.answer));
        });
    }

    @Test
    void shouldRunOutWhatIsInFlightWhenLogicalUnitIsRemoved() {
        Stage.with((stage, one) -> {
            stage.module.holds = true;
            Pending running = one.begin(cdb("2a 00 00 00 00 00 00 00 01 00").to(1).sending(pattern(512)));
            stage.world.settle(1);
            one.reactor.execute(stage.module::release);
            stage.device.removeUnit(1);
            assertTrue(stage.world.get(running.answer).isGood());
            assertEquals("5/25/00", one.execute(cdb("00").to(1)).text());
            assertEquals("6/3F/0E", one.execute("00", 0).text());
            assertEquals(1, stage.device.units().size());
            assertThrows(StorageException.class, () -> stage.device.removeUnit(1));
        });
    }

    @Test
    void shouldTakeUnitAwayWhenBlockDeviceIsDeleted() {
        Stage.with((stage, one) -> {
            stage.module.remove("Slow");
            stage.world.until(() -> stage.device.units().size() == 1);
            stage.world.settle(1);
            assertEquals("5/25/00", one.execute(cdb("28 00 00 00 00 00 00 00 01 00").to(1).taking(512)).text());
        });
    }

    @Test
    void shouldTellWhenSizeChanges() {
        Stage.with((stage, one) -> {
            stage.module.resize("Slow", 128);
            stage.world.settle(1);
            assertEquals("6/2A/09", one.execute(cdb("00").to(1)).text());
            assertEquals(127, ByteBuffer.wrap(one.execute(cdb("25").to(1).taking(8)).data()).getInt());
            assertEquals("5/21/00", one.execute(cdb("28 00 00 00 00 c8 00 00 01 00").to(1).taking(512)).text());
            assertTrue(one.attentions.contains("1:2A/09"), one.attentions.toString());
        });
    }

    @Test
    void shouldComeBackSoonWhenNexusIsClosed() {
        Stage.with((stage, one) -> {
            FakeInitiator two = stage.initiator("iqn.host:two").ready(0).ready(1);
            stage.module.holds = true;
            two.begin(cdb("2a 00 00 00 00 00 00 00 01 00").to(1).sending(pattern(512)));
            two.begin(cdb("2a 00 00 00 00 00 00 00 01 00").to(1).as(ScsiTask.ORDERED).sending(pattern(512)));
            stage.world.settle(1);
            two.close();
            assertEquals(2, two.aborts);
            stage.module.holds = false;
        });
    }

    @Test
    void shouldEndCommandForTransportWhenItIsRefused() {
        Stage.with((stage, one) -> {
            Answer answer = one.refuse(0xb, 0x4705);
            assertEquals("B/47/05", answer.text());
            assertEquals(18, answer.sense().length);
            assertTrue(one.execute("00", 0).isGood());
        });
    }

    @Test
    void shouldSayZerosWhenTransportHasThem() {
        Stage.with((stage, one) -> {
            one.execute(cdb("2a 00 00 00 00 00 00 00 01 00").sending(pattern(512)));
            one.takesZeros = true;
            assertArrayEquals(pattern(512), one.execute("28 00 00 00 00 00 00 00 01 00", 512).data());
            assertArrayEquals(new byte[1024], one.execute("28 00 00 00 10 00 00 00 02 00", 1024).data());
            assertArrayEquals(new byte[100], one.execute("28 00 00 00 10 00 00 00 02 00", 100).data());
        });
    }

    @Test
    void shouldShowWhereTheDeviceHasTheDataWhenTransportTakesThat() {
        Stage.with((stage, one) -> {
            one.execute(cdb("2a 00 00 00 00 00 00 00 10 00").sending(pattern(8192)));
            one.takesView = true;
            assertArrayEquals(pattern(8192), one.execute("28 00 00 00 00 00 00 00 10 00", 8192).data());
            assertArrayEquals(Arrays.copyOf(pattern(8192), 4096), one.execute("28 00 00 00 00 00 00 00 08 00", 4096).data());
            assertArrayEquals(Arrays.copyOf(pattern(8192), 8191), one.execute("28 00 00 00 00 00 00 00 10 00", 8191).data());
            assertEquals(1, one.viewAnswers);
        });
    }

    @Test
    void shouldNumberAndNameDevicesOnce() {
        SimWorld.run(1, 1, world -> {
            var stage = new Stage(world);
            assertThrows(StorageException.class, () -> stage.devices.create(Stage.NAME));
            var second = stage.devices.create("iqn.2026-11.dev.karst:second");
            assertEquals(1, second.id());
            stage.device.close();
            assertEquals(0, stage.devices.create("iqn.2026-11.dev.karst:third").id());
            stage.close();
        });
    }
}
