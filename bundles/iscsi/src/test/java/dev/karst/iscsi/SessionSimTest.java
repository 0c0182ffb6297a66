package dev.karst.iscsi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.iscsi.model.Portal;
import dev.karst.reactor.sim.SimWorld;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sessions on simulated sockets, where bytes come in pieces of any size. */
class SessionSimTest {
    private static final int SEEDS = 10;

    /** What a test does with a target. */
    @FunctionalInterface
    private interface Body {
        void run(Bench bench) throws Exception;
    }

    private static void run(Body body) {
        SimWorld.run(1, SEEDS, world -> {
            Bench bench = new Bench(world);
            body.run(bench);
            bench.end();
        });
    }

    private static byte[] pattern(int bytes, int seed) {
        byte[] pattern = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            pattern[i] = (byte) (seed + i * 31 + i / 251);
        }
        return pattern;
    }

    @Test
    void shouldTellNodesWhenDiscovered() {
        run(bench -> {
            bench.node("iqn.2016-06.io.spdk:disk2", 16);
            try (Initiator initiator = bench.initiator()) {
                initiator.discover();
                initiator.send(Pdu.of(0x04).set(16, 4, 7).set(20, 4, Pdu.NONE).set(24, 4, initiator.cmdSn++)
                    .data(Pdu.text("SendTargets=All")));
                Pdu answer = initiator.receive();
                assertEquals(0x24, answer.opcode());
                assertEquals(List.of("TargetName=" + Bench.NODE, "TargetAddress=127.0.0.1:3260,1",
                    "TargetName=iqn.2016-06.io.spdk:disk2", "TargetAddress=127.0.0.1:3260,1"), answer.pairs());
                logout(initiator);
            }
        });
    }

    @Test
    void shouldTellOfManyNodesInPiecesWhenDiscovered() {
        run(bench -> {
            for (int i = 2; i <= 200; i++) {
                bench.node("iqn.2016-06.io.spdk:disk" + i, 16);
            }
            try (Initiator initiator = bench.initiator()) {
                initiator.discover();
                List<String> told = new ArrayList<>();
                var text = new ByteArrayOutputStream();
                Pdu request = Pdu.of(0x04).set(16, 4, 7).set(20, 4, Pdu.NONE).set(24, 4, initiator.cmdSn++).data(Pdu.text("SendTargets=All"));
                initiator.send(request);
                Pdu answer = initiator.receive();
                int pieces = 1;
                for (; (answer.flags() & 0x80) == 0; pieces++) {
                    assertEquals(0x40, answer.flags());
                    assertTrue(answer.data.length <= 8192);
                    text.writeBytes(answer.data);
                    initiator.send(Pdu.of(0x04).set(16, 4, 7).set(20, 4, answer.get(20, 4)).set(24, 4, initiator.cmdSn++));
                    answer = initiator.receive();
                }
                text.writeBytes(answer.data);
                answer.data = text.toByteArray();
                told.addAll(answer.pairs());
                assertEquals(400, told.size());
                assertTrue(pieces > 1, "one piece");
                assertTrue(told.contains("TargetName=iqn.2016-06.io.spdk:disk200"));
            }
        });
    }

    static void logout(Initiator initiator) throws Exception {
        initiator.send(Pdu.of(0x46).set(16, 4, 99).set(24, 4, initiator.cmdSn));
        Pdu answer = initiator.receive();
        assertEquals(0x26, answer.opcode());
        assertEquals(0, answer.get(2, 1));
        assertTrue(initiator.isClosedByTarget(10_000));
    }

    @Test
    void shouldNegotiateWhenLoggedIn() {
        run(bench -> {
            try (Initiator initiator = bench.initiator()) {
                Pdu answer = initiator.loginTo(Bench.NODE, "MaxBurstLength=262144", "FirstBurstLength=65536", "InitialR2T=No",
                    "ImmediateData=Yes", "MaxConnections=8", "MaxOutstandingR2T=16", "ErrorRecoveryLevel=2", "X-org.some.key=1",
                    "HeaderDigest=None", "MaxRecvDataSegmentLength=65536", "DefaultTime2Retain=0");
                assertEquals(List.of("TargetAlias=a disk", "TargetPortalGroupTag=1", "MaxBurstLength=262144", "FirstBurstLength=8192",
                    "InitialR2T=No", "ImmediateData=Yes", "MaxConnections=1", "MaxOutstandingR2T=4", "ErrorRecoveryLevel=0",
                    "X-org.some.key=NotUnderstood", "HeaderDigest=None", "DefaultTime2Retain=0",
                    "MaxRecvDataSegmentLength=65536"), answer.pairs());
                assertNotEquals(0, initiator.tsih);
                logout(initiator);
            }
        });
    }

    /** What open-iscsi offers: it gives up when a key of the session is called irrelevant that is not. RFC 7143, 13. */
    @Test
    void shouldAnswerKeysOfSessionsThatDiscover() {
        run(bench -> {
            try (Initiator initiator = bench.initiator()) {
                Pdu answer = initiator.ask(initiator.login(1, 3, true, "InitiatorName=" + Initiator.NAME, "SessionType=Discovery",
                    "DefaultTime2Wait=0", "DefaultTime2Retain=0", "ErrorRecoveryLevel=0", "InitialR2T=Yes", "MaxBurstLength=65536"));
                List<String> pairs = answer.pairs();
                assertTrue(pairs.contains("DefaultTime2Retain=0") && pairs.contains("ErrorRecoveryLevel=0"), pairs::toString);
                assertTrue(pairs.contains("InitialR2T=Irrelevant") && pairs.contains("MaxBurstLength=Irrelevant"), pairs::toString);
                assertTrue(pairs.stream().anyMatch(pair -> pair.matches("DefaultTime2Wait=[0-9]+")), pairs::toString);
            }
        });
    }

    @Test
    void shouldEndSessionsAndLeaveNothingWhenTheTargetCloses() {
        run(bench -> {
            try (Initiator initiator = bench.initiator(); Initiator other = bench.initiator()) {
                initiator.loginTo(Bench.NODE);
                other.discover();
                initiator.write(8, pattern(4096, 1), 4096, 4096);
                bench.world.background(() -> {
                    bench.target.close();
                    return null;
                });
                assertEquals(List.of(), bench.devices.open);
                assertTrue(initiator.isClosedByTarget(1_000));
            }
        });
    }

    @Test
    void shouldReadWhatWasWritten() {
        run(bench -> {
            boolean digests = bench.world.random().oneIn(2);
            try (Initiator initiator = bench.initiator()) {
                initiator.loginTo(Bench.NODE, "MaxRecvDataSegmentLength=16384", "MaxBurstLength=65536", "MaxOutstandingR2T=4",
                    digests ? "HeaderDigest=CRC32C" : "HeaderDigest=None", digests ? "DataDigest=CRC32C" : "DataDigest=None");
                for (int blocks : new int[] {1, 8, 16, 17, 256, 512}) {
                    byte[] all = pattern(blocks * 512, blocks);
                    int immediate = Math.min(all.length, 512 * bench.world.random().below(17));
                    Pdu response = initiator.write(blocks, all, immediate, 16384);
                    assertEquals(0x21, response.opcode(), response::toString);
                    assertEquals(0, response.get(3, 1), "status");
                    assertEquals(0x80, response.flags());
                    assertArrayEquals(all, initiator.read(blocks, all.length));
                }
                assertArrayEquals(new byte[65536], initiator.read(2000, 65536));
                for (int i = 0; i < 50; i++) {
                    assertArrayEquals(pattern(512, 1), initiator.read(1, 512));
                }
                assertEquals(digests, bench.devices.shown == 0, "data with a digest must not change meanwhile, other data need not be copied");
                logout(initiator);
            }
        });
    }

    @Test
    void shouldTakeUnsolicitedDataWhenNegotiated() {
        run(bench -> {
            try (Initiator initiator = bench.initiator()) {
                initiator.loginTo(Bench.NODE, "InitialR2T=No", "MaxBurstLength=16384", "FirstBurstLength=8192");
                byte[] all = pattern(40 * 512, 3);
                Pdu command = initiator.command(0x20, all.length, Initiator.cdb10(0x2a, 5, 40)).data(Arrays.copyOf(all, 1024));
                command.set(1, 1, 0x21);
                initiator.send(command);
                initiator.send(initiator.dataOut(command.itt(), Pdu.NONE, 0, 1024, false, Arrays.copyOfRange(all, 1024, 4096)));
                initiator.send(initiator.dataOut(command.itt(), Pdu.NONE, 1, 4096, true, Arrays.copyOfRange(all, 4096, 8192)));
                Pdu r2t = initiator.receive();
                assertEquals(0x31, r2t.opcode());
                assertEquals(8192, r2t.get(40, 4));
                assertEquals(all.length - 8192, r2t.get(44, 4));
                initiator.answer(r2t, all, 5000);
                assertEquals(0, initiator.receive().get(3, 1));
                assertArrayEquals(all, initiator.read(5, all.length));
            }
        });
    }

    @Test
    void shouldEchoWhenPinged() {
        run(bench -> {
            try (Initiator initiator = bench.initiator()) {
                initiator.loginTo(Bench.NODE);
                byte[] data = pattern(777, 1);
                initiator.send(Pdu.of(0x00).set(16, 4, 5).set(20, 4, Pdu.NONE).set(24, 4, initiator.cmdSn++).data(data));
                Pdu answer = initiator.receive();
                assertEquals(0x20, answer.opcode());
                assertEquals(5, answer.itt());
                assertEquals(Pdu.NONE, (int) answer.get(20, 4));
                assertArrayEquals(data, answer.data);
            }
        });
    }

    @Test
    void shouldAskAndThenCloseWhenTheInitiatorIsSilent() {
        run(bench -> {
            try (Initiator initiator = bench.initiator()) {
                initiator.loginTo(Bench.NODE);
                Pdu ping = initiator.receive(35_000);
                assertEquals(0x20, ping.opcode());
                assertEquals(Pdu.NONE, ping.itt());
                initiator.send(Pdu.of(0x40).set(16, 4, Pdu.NONE).set(20, 4, ping.get(20, 4)).set(24, 4, initiator.cmdSn));
                assertEquals(0x20, initiator.receive(35_000).opcode());
                assertTrue(initiator.isClosedByTarget(65_000));
            }
        });
    }

    @Test
    void shouldTakeTheOldSessionsPlaceWhenTheSamePortLogsIn() {
        run(bench -> {
            bench.devices.holds = true;
            try (Initiator first = bench.initiator(); Initiator second = bench.initiator()) {
                first.loginTo(Bench.NODE);
                first.send(first.command(0x20, 512, Initiator.cdb10(0x2a, 0, 1)).data(pattern(512, 9)));
                bench.world.runFor(10);
                second.loginTo(Bench.NODE);
                assertTrue(first.isClosedByTarget(1_000));
                bench.devices.letGo();
                assertEquals(1, bench.devices.open.size());
                assertArrayEquals(new byte[512], second.read(0, 512), "the write of the old session came after the new one began");
            }
        });
    }

    @Test
    void shouldServeCommandsInOrderWhenASessionHasTwoConnections() {
        run(bench -> {
            try (Initiator first = bench.initiator(); Initiator second = bench.initiator()) {
                assertEquals("2", first.loginTo(Bench.NODE, "MaxConnections=2").value("MaxConnections"));
                second.tsih = first.tsih;
                second.cid = 1;
                second.cmdSn = first.cmdSn;
                second.loginTo(Bench.NODE);
                assertEquals(first.tsih, second.tsih);
                second.cmdSn = first.cmdSn + 1;
                byte[] data = pattern(512, 4);
                second.nextItt = 50;
                Pdu later = second.command(0x40, 512, Initiator.cdb10(0x28, 3, 1));
                second.send(later);
                bench.world.runFor(10);
                first.send(first.command(0x20, 512, Initiator.cdb10(0x2a, 3, 1)).data(data));
                assertEquals(0, first.receive().get(3, 1));
                second.dataOf(later.itt(), 512);
                first.cmdSn = second.cmdSn;
                assertArrayEquals(data, first.read(3, 512));
            }
        });
    }

    @Test
    void shouldAbortWhenAsked() {
        run(bench -> {
            bench.devices.holds = true;
            try (Initiator initiator = bench.initiator()) {
                initiator.loginTo(Bench.NODE);
                Pdu held = initiator.command(0x40, 512, Initiator.cdb10(0x28, 3, 1));
                initiator.send(held);
                Pdu owing = initiator.command(0x20, 65536, Initiator.cdb10(0x2a, 3, 128));
                initiator.send(owing);
                assertEquals(0x31, initiator.receive().opcode());
                assertEquals(0, abort(initiator, held.itt(), 1));
                assertEquals(0, abort(initiator, owing.itt(), 2));
                assertEquals(1, abort(initiator, 12345, 1));
                assertEquals(0, function(initiator, 5));
                assertEquals(0, function(initiator, 6));
                assertEquals(255, function(initiator, 7));
                assertEquals(5, function(initiator, 100));
                bench.devices.letGo();
                assertArrayEquals(new byte[512], initiator.read(3, 512));
                assertEquals(64, initiator.maxCmdSn - initiator.expCmdSn + 1, "the window is whole again");
            }
        });
    }

    @Test
    void shouldEndWhatAwaitsDataWhenAnotherSessionResetsTheUnit() {
        run(bench -> {
            try (Initiator initiator = bench.initiator(); Initiator other = bench.initiator()) {
                initiator.loginTo(Bench.NODE);
                other.isid = 77;
                other.loginTo(Bench.NODE);
                for (boolean told : new boolean[] {true, false}) {
                    bench.devices.tellsAborted = told;
                    Pdu owing = initiator.command(0x20, 16384, Initiator.cdb10(0x2a, 3, 32));
                    initiator.send(owing);
                    Pdu asked = initiator.receive();
                    assertEquals(0x31, asked.opcode());
                    byte[] data = pattern(16384, 1);
                    Pdu all = initiator.dataOut(owing.itt(), (int) asked.get(20, 4), 0, 0, true, data);
                    initiator.send(all, new byte[0], "", 500);
                    assertEquals(0, function(other, told ? 5 : 6));
                    initiator.sendBytes(Arrays.copyOfRange(data, 500 - 48, data.length));
                    if (told) {
                        Pdu answer = initiator.receive();
                        assertEquals(0x21, answer.opcode());
                        assertEquals(owing.itt(), answer.itt());
                        assertEquals(0x40, answer.get(3, 1), "TASK ABORTED");
                        assertEquals(16384, answer.get(44, 4), "residual");
                    }
                    assertArrayEquals(new byte[1024], initiator.read(3, 1024), "nothing of it is written");
                    assertEquals(64, initiator.maxCmdSn - initiator.expCmdSn + 1, "the window is whole again");
                }
            }
        });
    }

    @Test
    void shouldTakeAsMuchOfABlockAsTheInitiatorWants() {
        run(bench -> {
            try (Initiator initiator = bench.initiator()) {
                initiator.loginTo(Bench.NODE);
                initiator.send(initiator.command(0x40, 200, Initiator.cdb10(0x28, 3, 1)));
                Pdu answer = initiator.receive();
                assertEquals(0x25, answer.opcode());
                assertEquals(200, answer.data.length);
                assertEquals(312, answer.get(44, 4), "residual");
                assertEquals(0x85, answer.flags(), "F, O and S");
            }
        });
    }

    @Test
    void shouldSendElsewhereWhenTold() {
        run(bench -> {
            bench.target.nodes.redirect(Bench.NODE, 1, new Portal("192.0.2.2", 3261));
            try (Initiator initiator = bench.initiator()) {
                Pdu answer = initiator.ask(initiator.login(1, 3, true, "InitiatorName=" + Initiator.NAME, "TargetName=" + Bench.NODE));
                assertEquals(0x0101, answer.get(36, 2));
                assertEquals(List.of("TargetAddress=192.0.2.2:3261"), answer.pairs());
            }
        });
    }

    @Test
    void shouldAskToLogOutAndThenClose() {
        run(bench -> {
            try (Initiator initiator = bench.initiator(); Initiator obedient = bench.initiator()) {
                initiator.loginTo(Bench.NODE);
                obedient.isid = 77;
                obedient.loginTo(Bench.NODE);
                bench.target.nodes.requestLogout(Bench.NODE, -1);
                for (Initiator each : List.of(initiator, obedient)) {
                    Pdu asked = each.receive();
                    assertEquals(0x32, asked.opcode());
                    assertEquals(1, asked.get(36, 1), "event");
                    assertEquals(30, asked.get(42, 2), "seconds");
                }
                logout(obedient);
                assertTrue(initiator.isClosedByTarget(35_000));
            }
        });
    }

    @Test
    void shouldTellOfAttentions() {
        run(bench -> {
            try (Initiator initiator = bench.initiator()) {
                initiator.loginTo(Bench.NODE);
                var nexus = bench.devices.open.getFirst();
                bench.target.sessions().all().getFirst().group().reactor().execute(() -> nexus.owner.attention(3, 0x3f0e));
                Pdu told = initiator.receive();
                assertEquals(0x32, told.opcode());
                assertEquals(0, told.get(36, 1), "event");
                assertEquals(3L << 48, told.get(8, 8), "LUN");
                assertEquals(6, told.data[4] & 0xf, "sense key");
                assertEquals(0x3f0e, (told.data[14] & 0xff) << 8 | told.data[15] & 0xff);
            }
        });
    }

    @Test
    void shouldEndSessionsWhenWhatLetThemInIsTakenAway() {
        run(bench -> {
            try (Initiator initiator = bench.initiator()) {
                initiator.loginTo(Bench.NODE);
                bench.world.background(() -> {
                    bench.target.initiators.remove(2, List.of("ANY"), List.of());
                    return null;
                });
                assertTrue(initiator.isClosedByTarget(1_000));
                assertEquals(0, bench.devices.open.size());
            }
            try (Initiator other = bench.initiator()) {
                Pdu answer = other.ask(other.login(1, 3, true, "InitiatorName=" + Initiator.NAME, "TargetName=" + Bench.NODE));
                assertEquals(0x0203, answer.get(36, 2));
            }
        });
    }

    @Test
    void shouldEndSessionsWhenTheNodeIsDeleted() {
        run(bench -> {
            bench.devices.holds = true;
            try (Initiator initiator = bench.initiator()) {
                initiator.loginTo(Bench.NODE);
                initiator.send(initiator.command(0x40, 512, Initiator.cdb10(0x28, 3, 1)));
                bench.world.runFor(5);
                bench.world.background(() -> {
                    bench.target.nodes.delete(Bench.NODE);
                    return null;
                });
                assertTrue(initiator.isClosedByTarget(1_000));
                assertEquals(0, bench.devices.devices().size());
            }
        });
    }

    private static int abort(Initiator initiator, int itt, int refCmdSn) throws Exception {
        initiator.send(Pdu.of(0x42).set(1, 1, 0x81).set(16, 4, 1000 + itt).set(20, 4, itt).set(24, 4, initiator.cmdSn)
            .set(32, 4, refCmdSn));
        Pdu answer = initiator.receive();
        assertEquals(0x22, answer.opcode(), answer::toString);
        return (int) answer.get(2, 1);
    }

    private static int function(Initiator initiator, int function) throws Exception {
        initiator.send(Pdu.of(0x42).set(1, 1, 0x80 | function).set(16, 4, 2000).set(20, 4, Pdu.NONE).set(24, 4, initiator.cmdSn));
        return (int) initiator.receive().get(2, 1);
    }

    @Test
    void shouldSendWhatItAskedForWhenTheCommandIsAbortedBeforeThat() {
        SimWorld.run(1, 30, world -> {
            Bench bench = new Bench(world);
            try (Initiator initiator = bench.initiator()) {
                initiator.loginTo(Bench.NODE, "InitialR2T=Yes", "ImmediateData=No", "MaxOutstandingR2T=4", "MaxBurstLength=16384");
                Pdu first = initiator.command(0x20, 65536, Initiator.cdb10(0x2a, 0, 128));
                Pdu abort = Pdu.of(0x42).set(1, 1, 0x82).set(16, 4, 2000).set(20, 4, Pdu.NONE).set(24, 4, initiator.cmdSn);
                Pdu second = initiator.command(0x20, 65536, Initiator.cdb10(0x2a, 512, 128));
                var together = new ByteArrayOutputStream();
                for (Pdu pdu : List.of(first, abort, second)) {
                    together.writeBytes(pdu.header());
                }
                initiator.sendBytes(together.toByteArray());
                for (int i = 0; i < 4; i++) {
                    Pdu r2t = initiator.receive();
                    assertEquals(first.itt(), r2t.itt(), "whose R2T it is");
                    assertEquals(i * 16384, r2t.get(40, 4));
                }
                byte[] data = pattern(65536, 1);
                Pdu answer = initiator.receive();
                while (answer.opcode() != 0x21) {
                    if (answer.opcode() == 0x31) {
                        assertEquals(second.itt(), answer.itt());
                        initiator.answer(answer, data, 8192);
                    }
                    answer = initiator.receive();
                }
                assertEquals(0, answer.get(3, 1), "status");
            }
            bench.end();
        });
    }
}
