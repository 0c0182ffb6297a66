package dev.karst.nvmf.tcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.env.EventSet;
import dev.karst.env.Readiness;
import dev.karst.env.StreamSocket;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.TransportOptions;
import dev.karst.nvmf.testkit.BadInputPlayer;
import dev.karst.nvmf.testkit.BadInputs;
import dev.karst.nvmf.testkit.Bytes;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.nvmf.testkit.Venue;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.NvmeStatus;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The transport on simulated sockets, where bytes come in pieces of any size, against a core that knows just enough. */
class TcpTransportSimTest {
    private static byte[] pattern(SimWorld world, int length) {
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++) {
            data[i] = (byte) world.random().below(256);
        }
        return data;
    }

    @Test
    void shouldKeepDataWhenReadAndWrittenInEveryWay() {
        SimWorld.run(1, 60, world -> {
            Bench bench = new Bench(world);
            try (NvmeTcpHost host = bench.connected(world.random().oneIn(2), world.random().oneIn(2))) {
                byte[] model = new byte[FakeTarget.BLOCKS * FakeTarget.BLOCK_BYTES];
                for (int i = 0; i < 40; i++) {
                    step(world, host, model);
                }
            }
            bench.end();
        });
    }

    private static void step(SimWorld world, NvmeTcpHost host, byte[] model) throws IOException {
        int blocks = world.random().below(3) == 0 ? 1 + world.random().below(256) : 1 + world.random().below(16);
        int first = world.random().below(FakeTarget.BLOCKS - blocks);
        int bytes = blocks * FakeTarget.BLOCK_BYTES;
        int offset = first * FakeTarget.BLOCK_BYTES;
        if (world.random().oneIn(2)) {
            byte[] data = pattern(world, bytes);
            System.arraycopy(data, 0, model, offset, bytes);
            boolean inCapsule = bytes <= 4096 && world.random().oneIn(2);
            assertEquals(0, host.write(1, first, blocks, data, inCapsule).status());
        } else {
            NvmeTcpHost.Completion read = host.read(1, first, blocks, bytes);
            assertEquals(0, read.status());
            assertArrayEquals(Arrays.copyOfRange(model, offset, offset + bytes), read.data());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldSendFromWhereTheDeviceHasTheDataUnlessThereIsADigestOfIt(boolean digest) {
        SimWorld.run(1, 10, world -> {
            Bench bench = new Bench(world);
            try (NvmeTcpHost host = bench.connected(true, digest)) {
                byte[] data = pattern(world, 16384);
                assertEquals(0, host.write(1, 0, 32, data, false).status());
                for (int i = 0; i < 50; i++) {
                    assertArrayEquals(data, host.read(1, 0, 32, 16384).data());
                }
            }
            assertEquals(digest, bench.target.shown == 0);
            bench.end();
        });
    }

    @Test
    void shouldAnswerEveryCommandOnceWhenManyAreInFlight() {
        SimWorld.run(1000, 40, world -> {
            Bench bench = new Bench(world);
            try (NvmeTcpHost host = bench.connected(true, true)) {
                for (int i = 0; i < 31; i++) {
                    Bytes read = NvmeTcpHost.sqe(0x02, 1, 8192, false).set(2, 2, host.cid()).set(40, 8, i);
                    host.send(host.capsule(read, new byte[0]));
                }
                boolean[] answered = new boolean[64];
                for (int answers = 0; answers < 31; ) {
                    NvmeTcpHost.Received pdu = host.receive();
                    int cid = pdu.header().u16(pdu.type() == NvmeTcpHost.C2H_DATA ? 8 : 20);
                    assertTrue(!answered[cid], "command " + cid + " was answered twice");
                    answered[cid] = true;
                    answers++;
                }
            }
            bench.end();
        });
    }

    @Test
    void shouldLeaveNothingBehindWhenConnectionsBreakAtAnyTime() {
        SimWorld.run(2000, 120, world -> {
            Bench bench = new Bench(world);
            for (int round = 0; round < 3; round++) {
                NvmeTcpHost host = bench.connected(world.random().oneIn(2), world.random().oneIn(2));
                int commands = world.random().below(30);
                for (int i = 0; i < commands; i++) {
                    boolean write = world.random().oneIn(2);
                    Bytes sqe = NvmeTcpHost.sqe(write ? 1 : 2, 1, 16384, false).set(2, 2, host.cid());
                    host.send(host.capsule(sqe, new byte[0]));
                }
                long steps = world.random().below(200);
                for (long i = 0; i < steps; i++) {
                    world.reactors().step(Long.MAX_VALUE);
                }
                if (world.random().oneIn(2)) {
                    world.environment().network().cutAll();
                }
                host.close();
            }
            bench.end();
        });
    }

    @Test
    void shouldWaitForBuffersInTurnWhenHostsAskForMoreThanThereAre() {
        // Three hosts, which send their data last, cannot hold all 64 large buffers; four ask for more than there are.
        int commands = 21;
        SimWorld.run(3000, 10, 1, world -> {
            Bench bench = new Bench(world);
            NvmeTcpHost[] hosts = new NvmeTcpHost[4];
            for (int h = 0; h < hosts.length; h++) {
                hosts[h] = bench.connected(false, false);
                for (int i = 0; i < commands; i++) {
                    Bytes sqe = NvmeTcpHost.sqe(0x01, 1, 65536, false).set(2, 2, i);
                    hosts[h].send(hosts[h].capsule(sqe, new byte[0]));
                }
            }
            world.until(() -> bench.transport.counters().getFirst().waitedForShare > 0);
            for (NvmeTcpHost host : hosts) {
                answerAllR2ts(host, new byte[65536], commands);
                host.close();
            }
            bench.end();
        });
    }

    private static void answerAllR2ts(NvmeTcpHost host, byte[] data, int commands) throws IOException {
        for (int ended = 0; ended < commands; ) {
            NvmeTcpHost.Received pdu = host.receive();
            if (pdu.type() == NvmeTcpHost.R2T) {
                host.send(host.hostData(pdu.header().u16(8), pdu.header().u16(10), 0, data, true));
            } else {
                assertEquals(0, pdu.header().u16(22) >> 1);
                ended++;
            }
        }
    }

    @Test
    void shouldAnswerBadInputAsItMustAndDisturbNobodyWhenAHostSendsAny() {
        for (BadInputs.Case bad : BadInputs.rows(1, 10)) {
            SimWorld.run(1, 4, world -> {
                Bench bench = new Bench(world);
                NvmeTcpHost healthy = bench.connected(true, true);
                byte[] data = pattern(world, 4096);
                assertEquals(0, healthy.write(1, 0, 8, data, true).status());
                new BadInputPlayer(Venue.simulated(world, bench.port), Bench.SUBSYSTEM).play(bad);
                assertArrayEquals(data, healthy.read(1, 0, 8, 4096).data());
                boolean refused = bad.steps().getLast().equals("expect closed");
                assertEquals(refused ? 1 : 0, bench.fatalErrors(), "fatal errors counted");
                healthy.close();
                bench.end();
            });
        }
    }

    @Test
    void shouldFindAWrongAnswerWhenOneIsPlanted() {
        BadInputs.Case planted = new BadInputs.Case("planted", "wrong FEI", List.of(
            "send icreq plen=129", "expect term fes=1 fei=5"));
        AssertionError found = assertThrows(AssertionError.class, () ->
            SimWorld.run(1, 1, world -> {
                Bench bench = new Bench(world);
                new BadInputPlayer(Venue.simulated(world, bench.port), Bench.SUBSYSTEM).play(planted);
            }));
        assertTrue(found.getMessage().contains("FEI is 4, expected 5"), found.getMessage());
    }

    @Test
    void shouldCloseWhenNoWholeIcReqComesInTime() {
        SimWorld.run(1, 5, world -> {
            Bench bench = new Bench(world);
            try (NvmeTcpHost host = bench.host()) {
                host.send(new Bytes(3));
                assertTrue(host.closesWithin(10_000));
            }
            bench.end();
        });
    }

    @Test
    void shouldCloseWhenNoConnectComesInTime() {
        SimWorld.run(1, 5, world -> {
            Bench bench = new Bench(world);
            try (NvmeTcpHost host = bench.host()) {
                host.initialize(false, false);
                assertTrue(host.closesWithin(15_000));
            }
            bench.end();
        });
    }

    @Test
    void shouldFailTheCommandAndKeepTheConnectionWhenADataDigestIsWrong() {
        SimWorld.run(1, 10, world -> {
            Bench bench = new Bench(world);
            try (NvmeTcpHost host = bench.connected(true, true)) {
                byte[] data = pattern(world, 1024);
                Bytes sqe = NvmeTcpHost.sqe(0x01, 1, 1024, true).set(2, 2, 7);
                Bytes capsule = host.capsule(sqe, data);
                capsule.set(capsule.length() - 1, 1, capsule.u8(capsule.length() - 1) ^ 1);
                host.send(capsule);
                assertEquals(NvmeStatus.TRANSIENT_TRANSPORT_ERROR, host.await(7, data).status());
                assertArrayEquals(new byte[1024], host.read(1, 0, 2, 1024).data());
            }
            bench.end();
        });
    }

    @Test
    void shouldRefuseACommandWhenItsIdentifierIsInFlight() {
        SimWorld.run(1, 10, world -> {
            Bench bench = new Bench(world);
            try (NvmeTcpHost host = bench.connected(false, false)) {
                Bytes sqe = NvmeTcpHost.sqe(0x01, 1, 16384, false).set(2, 2, 9);
                host.send(host.capsule(sqe, new byte[0]));
                NvmeTcpHost.Received r2t = host.receive();
                host.send(host.capsule(sqe, new byte[0]));
                assertEquals(NvmeStatus.COMMAND_ID_CONFLICT, host.receive().header().u16(22) >> 1);
                host.send(host.hostData(9, r2t.header().u16(10), 0, new byte[16384], true));
                assertEquals(0, host.receive().header().u16(22) >> 1);
            }
            bench.end();
        });
    }

    @Test
    void shouldRefuseATransferWithoutAskingForDataWhenItIsTooLong() {
        SimWorld.run(1, 5, world -> {
            Bench bench = new Bench(world);
            try (NvmeTcpHost host = bench.connected(false, false)) {
                int status = host.execute(NvmeTcpHost.sqe(0x01, 1, 128 * 1024 + 512, false), new byte[0], false).status();
                assertEquals(NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR, status);
                assertNotEquals(0, host.execute(NvmeTcpHost.sqe(0x02, 1, -512, false), new byte[0], false).status());
            }
            bench.end();
        });
    }

    @Test
    void shouldEndTheConnectionWhenAHostOwesDataWhateverElseItSends() {
        SimWorld.run(1, 5, world -> {
            Bench bench = new Bench(world);
            try (NvmeTcpHost host = bench.connected(false, false)) {
                host.send(host.capsule(NvmeTcpHost.sqe(0x01, 1, 65536, false).set(2, 2, 200), new byte[0]));
                assertEquals(NvmeTcpHost.R2T, host.receive().type());
                assertThrows(IOException.class, () -> {
                    for (int i = 0; i < 8; i++) {
                        world.runFor(5_000);
                        host.flush(1);
                    }
                });
            }
            bench.end();
        });
    }

    @Test
    void shouldRefuseAsManyCommandsAsTheQueueHasWhenItIsSmall() {
        SimWorld.run(1, 5, world -> {
            Bench bench = new Bench(world);
            try (NvmeTcpHost host = bench.host()) {
                host.initialize(false, false);
                assertEquals(0, host.connect(Bench.SUBSYSTEM, "nqn.host", 1, 2).status());
                for (int i = 0; i < 3; i++) {
                    host.send(host.capsule(NvmeTcpHost.sqe(0x01, 1, 16384, false).set(2, 2, 100 + i), new byte[0]));
                }
                assertTrue(host.closesWithin(30_000));
            }
            assertEquals(1, bench.fatalErrors());
            bench.end();
        });
    }

    @Test
    void shouldEndTheConnectionWhenAHostSendsMoreCommandsThanTheQueueHas() {
        SimWorld.run(1, 5, world -> {
            Bench bench = new Bench(world);
            try (NvmeTcpHost host = bench.connected(false, false)) {
                for (int i = 0; i < 33; i++) {
                    Bytes write = NvmeTcpHost.sqe(0x01, 1, 16384, false).set(2, 2, i);
                    host.send(host.capsule(write, new byte[0]));
                }
                assertTrue(host.closesWithin(30_000));
            }
            assertEquals(1, bench.fatalErrors());
            bench.end();
        });
    }

    @Test
    void shouldKeepDataWhenItComesInCapsulesLargerThanThoseOfTheAdminQueue() {
        SimWorld.run(1, 5, world -> {
            TransportOptions options = new TransportOptions(128, 128, 127, 65536, 128 * 1024, true, 1024, false);
            Bench bench = new Bench(world, options);
            try (NvmeTcpHost host = bench.connected(false, false)) {
                byte[] data = pattern(world, 65536);
                assertEquals(0, host.write(1, 0, 128, data, true).status());
                assertArrayEquals(data, host.read(1, 0, 128, 65536).data());
            }
            bench.end();
        });
    }

    @Test
    void shouldReadEveryConnectionWhenAllAlwaysHaveMore() {
        SimWorld.run(1, 5, world -> {
            Bench bench = new Bench(world);
            TcpGroup group = new TcpGroup(world.reactors().next(), bench.target, new TcpTransportProvider().defaults());
            EndlessSocket[] sockets = new EndlessSocket[5];
            boolean[] closed = {false};
            group.reactor().execute(() -> {
                group.start();
                for (int i = 0; i < sockets.length; i++) {
                    sockets[i] = new EndlessSocket();
                    group.adopt(sockets[i], new ListenAddress("TCP", "IPv4", "127.0.0.1", "4420"));
                }
            });
            world.until(() -> sockets[4] != null && Arrays.stream(sockets).anyMatch(socket -> socket.reads > 1000));
            for (EndlessSocket socket : sockets) {
                assertTrue(socket.reads > 100, "one connection is read " + socket.reads + " times, another 1000 times");
            }
            group.reactor().execute(() -> group.close(() -> closed[0] = true));
            world.until(() -> closed[0]);
            bench.end();
        });
    }

    /** A peer that sends zeros faster than anybody can read them. */
    private static final class EndlessSocket extends StreamSocket {
        long reads;

        @Override
        public int read(long address, int length) {
            reads++;
            Mem.fill(address, length, (byte) 0);
            return length;
        }

        @Override
        public int write(IoVector data, long offset) {
            return AGAIN;
        }

        @Override
        public void watch(EventSet events, Readiness readiness) {
            readiness.readable();
        }

        @Override
        public void unwatch() {}

        @Override
        public String peer() {
            return "endless";
        }

        @Override
        public String local() {
            return "here";
        }

        @Override
        public void shutdownOutput() {}

        @Override
        public void shutdown() {}

        @Override
        public void close() {}
    }
}
