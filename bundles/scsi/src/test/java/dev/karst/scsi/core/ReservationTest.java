package dev.karst.scsi.core;

import static dev.karst.scsi.core.FakeInitiator.cdb;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcMethod;
import dev.karst.scsi.ScsiNexus;
import dev.karst.scsi.ScsiNexus.Management;
import dev.karst.scsi.TargetPort;
import dev.karst.scsi.core.FakeInitiator.Pending;
import dev.karst.scsi.core.rpc.ScsiManagement;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Reservations as initiators make them, obey them and lose them. */
class ReservationTest {
    private static final int REGISTER = 0;
    private static final int RESERVE = 1;
    private static final int RELEASE = 2;
    private static final int CLEAR = 3;
    private static final int PREEMPT = 4;
    private static final int PREEMPT_AND_ABORT = 5;
    private static final int REGISTER_AND_IGNORE = 6;
    private static final int MOVE = 7;

    private static final int WE = 1;
    private static final int EA = 3;
    private static final int WERO = 5;
    private static final int EARO = 6;
    private static final int WEAR = 7;
    private static final int EAAR = 8;

    private static final String CONFLICT = "status 18";
    private static final String GOOD = "status 00";

    private interface Body {
        void run(Stage stage, FakeInitiator one, FakeInitiator two, FakeInitiator three) throws Exception;
    }

    private static void with(Body body) {
        Stage.with((stage, one) -> {
            FakeInitiator two = stage.initiator("iqn.host:two").ready(0).ready(1);
            FakeInitiator three = stage.initiator("iqn.host:three").ready(0).ready(1);
            body.run(stage, one, two, three);
            two.close();
            three.close();
        });
    }

    private static byte[] list(long key, long newKey, int flags) {
        return ByteBuffer.allocate(24).putLong(key).putLong(newKey).putInt(0).put((byte) flags).array();
    }

    private static FakeInitiator.Wish out(int action, int type, byte[] list) {
        return cdb(String.format("5f %02x %02x 00 00 00 00 %04x 00", action, type, list.length)).sending(list);
    }

    private static String out(FakeInitiator initiator, int action, int type, long key, long newKey) throws Exception {
        return initiator.execute(out(action, type, list(key, newKey, 0))).text();
    }

    private static ByteBuffer in(FakeInitiator initiator, int action) throws Exception {
        return ByteBuffer.wrap(initiator.execute(String.format("5e %02x 00 00 00 00 00 20 00 00", action), 8192).data());
    }

    private static String read(FakeInitiator initiator) throws Exception {
        return initiator.execute("28 00 00 00 00 00 00 00 01 00", 512).text();
    }

    private static String write(FakeInitiator initiator) throws Exception {
        return initiator.execute(cdb("2a 00 00 00 00 00 00 00 01 00").sending(new byte[512])).text();
    }

    private static String ready(FakeInitiator initiator) throws Exception {
        return initiator.execute("00", 0).text();
    }

    @Test
    void shouldLetInWhomTypeLetsInWhenReserved() {
        for (int type : new int[] {WE, EA, WERO, EARO, WEAR, EAAR}) {
            with((stage, one, two, three) -> {
                assertEquals(GOOD, out(one, REGISTER, 0, 0, 0xa1));
                assertEquals(GOOD, out(two, REGISTER, 0, 0, 0xb2));
                assertEquals(GOOD, out(one, RESERVE, type, 0xa1, 0));
                boolean readers = type == WE || type == WERO || type == WEAR;
                boolean registrants = type >= WERO;
                assertEquals(GOOD, read(one));
                assertEquals(GOOD, write(one));
                assertEquals(registrants || readers ? GOOD : CONFLICT, read(two), "type " + type);
                assertEquals(registrants ? GOOD : CONFLICT, write(two), "type " + type);
                assertEquals(readers ? GOOD : CONFLICT, read(three), "type " + type);
                assertEquals(CONFLICT, write(three), "type " + type);
                assertEquals(GOOD, ready(three));
                assertTrue(three.execute("12 00 00 00 60 00", 96).isGood());
                assertTrue(three.execute("25", 8).isGood());
                ByteBuffer held = in(three, 1);
                assertEquals(16, held.getInt(4));
                assertEquals(type >= WEAR ? 0 : 0xa1, held.getLong(8));
                assertEquals(type, held.get(21));
                assertEquals(GOOD, out(one, RELEASE, type, 0xa1, 0));
                assertEquals(registrants ? "6/2A/04" : GOOD, ready(two));
                assertEquals(GOOD, write(three));
            });
        }
    }

    @Test
    void shouldKeepKeysWhenRegistered() {
        with((stage, one, two, three) -> {
            assertEquals(CONFLICT, out(one, REGISTER, 0, 5, 0xa1), "a key of somebody who has none");
            assertEquals(GOOD, out(one, REGISTER, 0, 0, 0xa1));
            assertEquals(CONFLICT, out(one, REGISTER, 0, 0, 0xa2));
            assertEquals(GOOD, out(one, REGISTER, 0, 0xa1, 0xa2));
            assertEquals(GOOD, out(two, REGISTER_AND_IGNORE, 0, 77, 0xb1));
            ByteBuffer keys = in(three, 0);
            assertEquals(3, keys.getInt(0), "generation");
            assertEquals(16, keys.getInt(4));
            assertEquals(0xa2, keys.getLong(8));
            assertEquals(0xb1, keys.getLong(16));
            assertEquals(8, one.execute("5e 00 00 00 00 00 00 00 08 00", 8192).data().length, "truncated");
            ByteBuffer full = in(three, 3);
            byte[] name = FakeInitiator.transportId(one.name);
            byte[] told = new byte[name.length];
            full.get(8 + 24, told);
            assertArrayEquals(name, told);
            assertEquals(1, full.getShort(8 + 18), "relative port");
            assertEquals(GOOD, out(one, REGISTER, 0, 0xa2, 0));
            assertEquals(8, in(three, 0).getInt(4));
            assertEquals(CONFLICT, out(one, RESERVE, WE, 0xa2, 0));
        });
    }

    @Test
    void shouldRefuseWhatMakesNoSense() {
        with((stage, one, two, three) -> {
            assertEquals("5/1A/00", one.execute(out(REGISTER, 0, new byte[23])).text());
            assertEquals("5/1A/00", one.execute(out(REGISTER, 0, new byte[25])).text());
            assertEquals("5/26/00", one.execute(out(REGISTER, 0, list(0, 1, 8))).text(), "SPEC_I_PT without names");
            assertEquals(GOOD, out(one, REGISTER, 0, 0, 0xa1));
            assertEquals("5/24/00", out(one, RESERVE, 0x11, 0xa1, 0), "scope");
            assertEquals("5/24/00", out(one, RESERVE, 2, 0xa1, 0), "type");
            assertEquals("5/24/00", one.execute(out(8, 0, list(0xa1, 0, 0))).text(), "service action");
            assertEquals(GOOD, out(one, RESERVE, EA, 0xa1, 0));
            assertEquals("5/26/04", out(one, RELEASE, WE, 0xa1, 0));
            assertEquals(CONFLICT, out(one, RESERVE, WE, 0xa1, 0), "another type");
            assertEquals("5/26/00", out(one, PREEMPT, WE, 0xa1, 0));
            for (int action = 4; action < 32; action++) {
                assertEquals("5/24/00", one.execute(String.format("5e %02x 00 00 00 00 00 20 00 00", action), 8192).text());
            }
            ByteBuffer capabilities = in(one, 2);
            assertEquals(8, capabilities.getShort(0));
            assertEquals(0x0d, capabilities.get(2));
        });
    }

    @Test
    void shouldTellThoseWhoLoseWhenPreemptedOrCleared() {
        with((stage, one, two, three) -> {
            out(one, REGISTER, 0, 0, 0xa1);
            out(two, REGISTER, 0, 0, 0xb2);
            out(three, REGISTER, 0, 0, 0xc3);
            out(one, RESERVE, WERO, 0xa1, 0);
            assertEquals(GOOD, out(two, PREEMPT, EA, 0xb2, 0xa1));
            assertEquals("6/2A/05", ready(one));
            assertEquals("6/2A/04", ready(three), "the type has changed");
            assertEquals(CONFLICT, read(one));
            assertEquals(GOOD, write(two));
            assertEquals(GOOD, out(three, CLEAR, 0, 0xc3, 0));
            assertEquals("6/2A/03", ready(two));
            assertEquals(GOOD, write(one));
            assertEquals(0, in(one, 0).getInt(4));
        });
    }

    @Test
    void shouldLetNoWriteLandAfterPreemption() {
        with((stage, one, two, three) -> {
            out(one.ready(1), REGISTER, 0, 0, 1);
            FakeInitiator.Wish register = out(REGISTER, 0, list(0, 0xa1, 0)).to(1);
            assertTrue(one.execute(register).isGood());
            assertTrue(two.execute(out(REGISTER, 0, list(0, 0xb2, 0)).to(1)).isGood());
            assertTrue(one.execute(out(RESERVE, WE, list(0xa1, 0, 0)).to(1)).isGood());
            stage.module.holds = true;
            stage.module.stubborn = true;
            Pending write = one.begin(cdb("2a 00 00 00 00 00 00 00 01 00").to(1).sending(new byte[512]));
            stage.world.settle(1);
            Pending preempt = two.begin(out(PREEMPT, WE, list(0xb2, 0xa1, 0)).to(1));
            stage.world.settle(1);
            assertFalse(preempt.answer.isDone(), "a write of the preempted may still land");
            stage.module.release();
            assertTrue(stage.world.get(preempt.answer).isGood());
            assertTrue(write.answer.isDone());
        });
    }

    @Test
    void shouldAbortCommandsWhenPreemptedWithAbort() {
        with((stage, one, two, three) -> {
            assertTrue(one.execute(out(REGISTER, 0, list(0, 0xa1, 0)).to(1)).isGood());
            assertTrue(two.execute(out(REGISTER, 0, list(0, 0xb2, 0)).to(1)).isGood());
            stage.module.holds = true;
            Pending read = one.begin(cdb("28 00 00 00 00 00 00 00 01 00").to(1).taking(512));
            Pending mine = two.begin(cdb("28 00 00 00 00 00 00 00 01 00").to(1).taking(512));
            stage.world.settle(1);
            assertTrue(two.execute(out(PREEMPT_AND_ABORT, WE, list(0xb2, 0xa1, 0)).to(1)).isGood());
            assertNull(stage.world.get(read.answer), "without TAS nothing is said");
            assertEquals(List.of("1"), one.waitingAborted);
            assertEquals(List.of(), two.waitingAborted);
            assertFalse(mine.answer.isDone());
            stage.module.release();
            assertTrue(stage.world.get(mine.answer).isGood());
        });
    }

    @Test
    void shouldRegisterOthersWhenTheyAreNamed() {
        with((stage, one, two, three) -> {
            byte[] name = FakeInitiator.transportId(two.name);
            ByteBuffer list = ByteBuffer.allocate(28 + name.length).put(list(0, 0xa1, 8)).putInt(name.length).put(name);
            assertTrue(one.execute(out(REGISTER, 0, list.array())).isGood());
            assertEquals(16, in(one, 0).getInt(4));
            assertEquals(GOOD, out(two, RESERVE, EA, 0xa1, 0), "it is registered by now");
            stage.device.addPort(new TargetPort(2, Stage.NAME + ",t,0x0002", TargetPort.ISCSI));
            assertTrue(three.execute(out(REGISTER, 0, list(0, 0xc3, 4))).isGood());
            assertEquals(32, in(one, 0).getInt(4), "by all ports");
        });
    }

    @Test
    void shouldMoveReservationWhenAskedTo() {
        with((stage, one, two, three) -> {
            out(one, REGISTER, 0, 0, 0xa1);
            byte[] name = FakeInitiator.transportId(two.name);
            ByteBuffer list = ByteBuffer.allocate(24 + name.length).putLong(0xa1).putLong(0xb2).put((byte) 0).put((byte) 2)
                .putShort((short) 1).putInt(name.length).put(name);
            assertEquals(CONFLICT, one.execute(out(MOVE, 0, list.array())).text(), "nothing to move");
            out(one, RESERVE, EA, 0xa1, 0);
            assertTrue(one.execute(out(MOVE, 0, list.array())).isGood());
            assertEquals(CONFLICT, read(one));
            assertEquals(GOOD, read(two));
            assertEquals(GOOD, out(two, RELEASE, EA, 0xb2, 0));
        });
    }

    @Test
    void shouldKeepOthersOutWhenReservedAsInOldTimes() {
        with((stage, one, two, three) -> {
            assertTrue(one.execute("16", 0).isGood());
            assertTrue(one.execute("16", 0).isGood(), "again");
            assertEquals(CONFLICT, two.execute("16", 0).text());
            assertTrue(two.execute("17", 0).isGood(), "does nothing");
            assertEquals(CONFLICT, two.execute("1a 00 3f 00 ff 00", 255).text());
            assertEquals(CONFLICT, ready(two));
            assertTrue(two.execute("12 00 00 00 60 00", 96).isGood());
            assertEquals(CONFLICT, out(two, REGISTER, 0, 0, 0xb2));
            assertEquals(CONFLICT, out(one, REGISTER, 0, 0, 0xa1), "the kinds do not mix");
            assertTrue(one.execute("17", 0).isGood());
            assertTrue(two.execute("16", 0).isGood());
            assertEquals(ScsiNexus.FUNCTION_COMPLETE, stage.world.get(one.manage(Management.LOGICAL_UNIT_RESET, 0, null)));
            one.ready(0);
            assertTrue(one.execute("16", 0).isGood(), "a reset releases");
            two.ready(1);
            two.execute("00", 0);
            FakeInitiator four = stage.initiator("iqn.host:four");
            assertEquals("6/29/00", four.execute("16", 0).text());
            assertEquals(CONFLICT, four.execute("16", 0).text());
            assertTrue(one.execute("17", 0).isGood());
            assertTrue(four.execute("16", 0).isGood());
            four.close();
            stage.world.settle(1);
            assertTrue(one.execute("16", 0).isGood(), "the loss of a nexus releases");
            one.execute("17", 0);
            out(one, REGISTER, 0, 0, 1);
            assertEquals(CONFLICT, one.execute("16", 0).text(), "somebody is registered");
        });
    }

    @Test
    void shouldComeBackAfterRestartWhenPersistent() {
        with((stage, one, two, three) -> {
            assertTrue(one.execute(out(REGISTER, 0, list(0, 0xa1, 1))).isGood());
            assertEquals(GOOD, out(one, RESERVE, EA, 0xa1, 0));
            assertEquals(CONFLICT, read(two));
            stage.device.removeUnit(0);
            stage.device.addUnit(0, "Malloc0");
            one.ready(0);
            assertEquals("6/29/00", read(two));
            assertEquals(CONFLICT, read(two));
            assertEquals(GOOD, read(one));
            assertEquals(1, in(two, 0).getInt(0));
            assertEquals(0x81 | 0x10, in(one, 2).get(3) & 0xff, "PTPL_A");
            assertTrue(one.execute(out(REGISTER, 0, list(0xa1, 0xa1, 0))).isGood());
            stage.device.removeUnit(0);
            stage.device.addUnit(0, "Malloc0");
            one.ready(0);
            two.ready(0);
            assertEquals(GOOD, read(two), "no more persistent");
            assertEquals(List.of(0, 0), List.of(in(two, 0).getInt(0), in(two, 0).getInt(4)));
        });
    }

    @Test
    void shouldShowPeopleWhoHasReservedWhat() {
        with((stage, one, two, three) -> {
            assertTrue(one.execute(out(REGISTER, 0, list(0, 0xa1, 1))).isGood());
            assertEquals(GOOD, out(one, RESERVE, WERO, 0xa1, 0));
            assertTrue(two.execute(cdb("16").to(1)).isGood());
            var methods = new ScsiManagement(stage.devices).methods();
            assertEquals(List.of(Map.of("id", 0L, "device_name", Stage.NAME)), call(methods.getFirst()));
            List<?> rows = (List<?>) call(methods.getLast());
            Map<?, ?> first = (Map<?, ?>) rows.getFirst();
            assertEquals("write_exclusive_registrants", first.get("reservation"));
            assertEquals(one.name, first.get("holder"));
            assertEquals(List.of(one.name), first.get("registrants"));
            assertEquals(true, first.get("persistent"));
            Map<?, ?> second = (Map<?, ?>) rows.getLast();
            assertEquals(List.of("reserve", two.name), List.of(second.get("reservation"), second.get("holder")));
        });
    }

    private static Object call(RpcMethod method) throws Exception {
        return method.handler().call(RpcChecks.check(method, Map.of()));
    }

    @Test
    void shouldRefuseRegistrationsWhenThereAreTooMany() {
        with((stage, one, two, three) -> {
            byte[] name = FakeInitiator.transportId("iqn.x:0000");
            int names = 128;
            ByteBuffer list = ByteBuffer.allocate(28 + names * name.length).put(list(0, 0xa1, 8)).putInt(names * name.length);
            for (int i = 0; i < names; i++) {
                list.put(FakeInitiator.transportId(String.format("iqn.x:%04d", i)));
            }
            assertEquals("5/55/04", one.execute(out(REGISTER, 0, list.array())).text());
            assertEquals(0, in(one, 0).getInt(4), "none of them");
        });
    }
}
