package dev.karst.nvmf.tcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.nvmf.NvmfTransport.Parked;
import dev.karst.nvmf.ParkedConnection;
import dev.karst.nvmf.TransportOptions;
import dev.karst.nvmf.testkit.Bytes;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.nvmf.testkit.SimWire;
import dev.karst.reactor.sim.SimWorld;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A transport that is replaced by another one, with connections in every state: hosts see a pause. */
class HandOverSimTest {
    /** Small transfers, so that worlds and transports are made quickly. */
    private static final TransportOptions SMALL = new TransportOptions(128, 128, 127, 4096, 16384, true, 1024, false);
    private static final int BLOCK = FakeTarget.BLOCK_BYTES;
    /** The answer to a command whose identifier another one has. */
    private static final int CONFLICT = 0x03;

    private static byte[] pattern(SimWorld world, int length) {
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++) {
            data[i] = (byte) world.random().below(256);
        }
        return data;
    }

    private static void steps(SimWorld world, int steps) {
        for (int i = 0; i < steps; i++) {
            world.reactors().step(world.clock().nanos() + 1_000_000);
        }
    }

    private static NvmeTcpHost connected(Bench bench, SimWire wire, int digests) throws Exception {
        NvmeTcpHost host = new NvmeTcpHost(wire);
        host.initialize((digests & 1) != 0, (digests & 2) != 0);
        assertEquals(0, host.connect(Bench.SUBSYSTEM, "nqn.host", 1, 32).status());
        return host;
    }

    /** Sends a PDU, and replaces the transport when so many of its bytes have been sent. */
    private static void sendAround(Bench bench, SimWire wire, byte[] pdu, int bytes) throws Exception {
        wire.send(Arrays.copyOf(pdu, bytes));
        steps(bench.world, 30);
        assertEquals(1, bench.replace());
        wire.send(Arrays.copyOfRange(pdu, bytes, pdu.length));
    }

    @Test
    void shouldExecuteTheCommandWhenReplacedAtEachByteOfItsCapsule() {
        for (int digests = 0; digests < 4; digests++) {
            int wanted = digests;
            SimWorld.run(1, 1, 1, world -> {
                Bench bench = new Bench(world, SMALL);
                SimWire wire = new SimWire(world, bench.port);
                try (NvmeTcpHost host = connected(bench, wire, wanted)) {
                    int length = 1;
                    for (int cut = 0; cut < length; cut++) {
                        byte[] data = pattern(world, BLOCK);
                        int cid = host.cid();
                        Bytes sqe = NvmeTcpHost.sqe(0x01, 1, BLOCK, true).set(2, 2, cid).set(40, 8, cut);
                        byte[] capsule = host.capsule(sqe, data).array();
                        length = capsule.length;
                        sendAround(bench, wire, capsule, cut);
                        assertEquals(0, host.await(cid, data).status());
                        assertArrayEquals(data, host.read(1, cut, 1, BLOCK).data());
                    }
                }
                bench.end();
            });
        }
    }

    @Test
    void shouldExecuteTheWriteWhenReplacedWhileTheHostOwesDataOrSendsIt() {
        SimWorld.run(10, 40, world -> {
            Bench bench = new Bench(world, SMALL);
            SimWire wire = new SimWire(world, bench.port);
            try (NvmeTcpHost host = connected(bench, wire, world.random().below(4))) {
                for (int round = 0; round < 10; round++) {
                    byte[] data = pattern(world, 16384);
                    int cid = host.cid();
                    host.send(host.capsule(NvmeTcpHost.sqe(0x01, 1, data.length, false).set(2, 2, cid), new byte[0]));
                    Bytes r2t = host.receive().header();
                    int half = 512 * (1 + world.random().below(30));
                    int tag = r2t.u16(10);
                    byte[] first = host.hostData(cid, tag, 0, Arrays.copyOf(data, half), false).array();
                    byte[] second = host.hostData(cid, tag, half, Arrays.copyOfRange(data, half, 16384), true).array();
                    byte[] both = Arrays.copyOf(first, first.length + second.length);
                    System.arraycopy(second, 0, both, first.length, second.length);
                    sendAround(bench, wire, both, world.random().below(both.length));
                    assertEquals(0, host.await(cid, data).status());
                    assertArrayEquals(data, host.read(1, 0, 32, 16384).data());
                }
            }
            bench.end();
        });
    }

    @Test
    void shouldSendWhatWasNotSentWhenReplacedWhileTheHostTakesNothing() {
        SimWorld.run(20, 20, world -> {
            Bench bench = new Bench(world, SMALL);
            SimWire wire = new SimWire(world, bench.port);
            try (NvmeTcpHost host = connected(bench, wire, world.random().below(4))) {
                byte[] data = pattern(world, 16384);
                assertEquals(0, host.write(1, 0, 32, data, false).status());
                Set<Integer> asked = new HashSet<>();
                for (int i = 0; i < 25; i++) {
                    int cid = host.cid();
                    asked.add(cid);
                    host.send(host.capsule(NvmeTcpHost.sqe(0x02, 1, 16384, false).set(2, 2, cid).set(48, 2, 31), new byte[0]));
                }
                steps(world, world.random().below(2000));
                assertEquals(1, bench.replace());
                assertEquals(1, bench.replace());
                while (!asked.isEmpty()) {
                    NvmeTcpHost.Received pdu = host.receive();
                    assertEquals(NvmeTcpHost.C2H_DATA, pdu.type());
                    assertArrayEquals(data, pdu.data());
                    assertTrue(asked.remove(pdu.header().u16(8)), "answered twice");
                }
                assertEquals(0, host.flush(1).status());
            }
            bench.end();
        });
    }

    @Test
    void shouldHandOverCommandsThatWaitForEver() {
        SimWorld.run(30, 20, world -> {
            Bench bench = new Bench(world, SMALL);
            try (NvmeTcpHost host = connected(bench, new SimWire(world, bench.port), world.random().below(4))) {
                host.send(host.capsule(NvmeTcpHost.sqe(FakeTarget.EVENT_REQUEST, 0, 0, false).set(2, 2, 777), new byte[0]));
                assertEquals(0, host.flush(1).status());
                assertEquals(1, bench.replace());
                assertEquals(0, host.flush(1).status());
                assertEquals(2, bench.target.executed.stream().filter(cid -> cid == 777).count());
                Bytes again = NvmeTcpHost.sqe(0x00, 1, 0, false).set(2, 2, 777);
                host.send(host.capsule(again, new byte[0]));
                assertEquals(CONFLICT, host.receive().header().u16(22) >> 1);
            }
            bench.end();
        });
    }

    @Test
    void shouldGoOnWhenReplacedBeforeTheConnect() {
        SimWorld.run(40, 20, world -> {
            Bench bench = new Bench(world, SMALL);
            SimWire wire = new SimWire(world, bench.port);
            try (NvmeTcpHost host = new NvmeTcpHost(wire)) {
                byte[] icReq = NvmeTcpHost.icReq(0).array();
                wire.send(Arrays.copyOf(icReq, 5));
                steps(world, 200);
                assertEquals(1, bench.replace());
                wire.send(Arrays.copyOfRange(icReq, 5, icReq.length));
                assertEquals(NvmeTcpHost.ICRESP, host.receive().type());
                assertEquals(1, bench.replace());
                assertEquals(0, host.connect(Bench.SUBSYSTEM, "nqn.host", 1, 32).status());
                assertEquals(0, host.flush(1).status());
            }
            bench.end();
        });
    }

    @Test
    void shouldCloseAndSayWhyWhenTheStateCannotBeRead() {
        SimWorld.run(50, 60, world -> {
            Bench bench = new Bench(world, SMALL);
            NvmeTcpHost host = connected(bench, new SimWire(world, bench.port), 3);
            host.send(host.capsule(NvmeTcpHost.sqe(0x01, 1, 8192, false).set(2, 2, 5), new byte[0]));
            assertEquals(NvmeTcpHost.R2T, host.receive().type());
            Parked parked = bench.transport.park();
            bench.open(parked.listeners());
            ParkedConnection good = parked.connections().getFirst();
            byte[] state = good.state().clone();
            boolean newer = world.seed() % 2 == 0;
            if (newer) {
                state[3]++;
            } else {
                state[world.random().below(state.length)] ^= (byte) (1 << world.random().below(8));
            }
            try {
                bench.transport.adopt(new ParkedConnection(
                    good.listener(), good.reactor(), good.socket(), state, good.queue()));
                assertTrue(!newer, "another version was taken");
            } catch (StorageException e) {
                assertTrue(!newer || e.getMessage().contains("version 2"), e.getMessage());
                assertTrue(host.closesWithin(1_000));
            }
            host.close();
            bench.end();
        });
    }

    @Test
    void shouldEndTheConnectionWhenTheCoreDoesNotLetItGoOrDoesNotTakeIt() {
        SimWorld.run(60, 10, world -> {
            Bench bench = new Bench(world, SMALL);
            NvmeTcpHost one = connected(bench, new SimWire(world, bench.port), 0);
            bench.target.refusesHandOver = true;
            assertEquals(0, bench.replace());
            assertTrue(one.closesWithin(1_000));
            one.close();
            bench.target.refusesHandOver = false;
            NvmeTcpHost other = connected(bench, new SimWire(world, bench.port), 0);
            bench.target.refusesTakeOver = true;
            StorageException refused = assertThrows(StorageException.class, bench::replace);
            assertEquals("the fake target refuses", refused.getMessage());
            assertTrue(other.closesWithin(1_000));
            other.close();
            bench.end();
        });
    }

    @Test
    void shouldKeepDataWhenReplacedAtAnyTimeUnderLoad() {
        SimWorld.run(100, 40, world -> {
            Bench bench = new Bench(world, SMALL);
            NvmeTcpHost[] hosts = new NvmeTcpHost[3];
            for (int i = 0; i < hosts.length; i++) {
                hosts[i] = connected(bench, new SimWire(world, bench.port), world.random().below(4));
            }
            for (int round = 0; round < 30; round++) {
                int each = world.random().below(hosts.length);
                int blocks = 1 + world.random().below(32);
                int first = each * 512 + world.random().below(400);
                byte[] data = pattern(world, blocks * BLOCK);
                int cid = hosts[each].cid();
                boolean inCapsule = data.length <= 4096 && world.random().oneIn(2);
                Bytes sqe = NvmeTcpHost.sqe(0x01, 1, data.length, inCapsule).set(2, 2, cid).set(40, 8, first).set(48, 2, blocks - 1);
                hosts[each].send(hosts[each].capsule(sqe, inCapsule ? data : new byte[0]));
                steps(world, world.random().below(60));
                if (world.random().oneIn(2)) {
                    assertEquals(hosts.length, bench.replace());
                }
                assertEquals(0, hosts[each].await(cid, data).status());
                assertArrayEquals(data, hosts[each].read(1, first, blocks, data.length).data());
            }
            for (NvmeTcpHost host : hosts) {
                host.close();
            }
            bench.end();
        });
    }
}
