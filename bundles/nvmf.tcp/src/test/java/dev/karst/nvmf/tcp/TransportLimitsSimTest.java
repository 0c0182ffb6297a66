package dev.karst.nvmf.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.nvmf.TransportOptions;
import dev.karst.nvmf.testkit.Bytes;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What hosts may take of what all share, on simulated sockets. */
class TransportLimitsSimTest {
    private static final int LARGE_BYTES = 65_536;

    /** A host that has writes under way and sends no data for them. */
    private static NvmeTcpHost owing(Bench bench, int bytes, int commands) throws Exception {
        NvmeTcpHost host = bench.host();
        host.initialize(false, false);
        assertEquals(0, host.connect(Bench.SUBSYSTEM, "nqn.host", 1, 128).status());
        for (int i = 0; i < commands; i++) {
            host.send(host.capsule(NvmeTcpHost.sqe(0x01, 1, bytes, false).set(2, 2, 100 + i), new byte[0]));
        }
        return host;
    }

    @Test
    void shouldLeaveBuffersForOthersWhenHostsOweData() {
        SimWorld.run(1, 6, 1, world -> {
            Bench bench = new Bench(world);
            List<NvmeTcpHost> owing = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                owing.add(owing(bench, LARGE_BYTES, 120));
                world.runFor(20);
            }
            assertTrue(bench.statistic("waited_for_share") > 0);
            assertTrue(bench.statistic("large_buffers") < 64, "all large buffers are out");
            try (NvmeTcpHost healthy = bench.connected(false, false)) {
                assertEquals(0, healthy.write(1, 0, 128, new byte[LARGE_BYTES], false).status());
                assertEquals(0, healthy.read(1, 0, 16, 8192).status());
            }
            for (NvmeTcpHost host : owing) {
                host.close();
            }
            bench.end();
        });
    }

    @Test
    void shouldServeWaitingConnectionsInTurnWhenBuffersComeBack() {
        SimWorld.run(1, 6, 1, world -> {
            Bench bench = new Bench(world);
            List<NvmeTcpHost> hosts = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                hosts.add(owing(bench, LARGE_BYTES, 60));
            }
            world.runFor(50);
            hosts.removeFirst().close();
            for (NvmeTcpHost host : hosts) {
                for (int ended = 0; ended < 60; ) {
                    NvmeTcpHost.Received pdu = host.receive();
                    Bytes header = pdu.header();
                    if (pdu.type() == NvmeTcpHost.R2T) {
                        host.send(host.hostData(header.u16(8), header.u16(10), 0, new byte[LARGE_BYTES], true));
                    } else {
                        assertEquals(0, header.u16(22) >> 1);
                        ended++;
                    }
                }
                host.close();
            }
            bench.end();
        });
    }

    @Test
    void shouldTakeAFewConnectionsAtATimeWhenManyCome() {
        SimWorld.run(1, 5, world -> {
            Bench bench = new Bench(world);
            List<NvmeTcpHost> hosts = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                hosts.add(bench.host());
            }
            long begin = world.clock().nanos();
            world.until(() -> bench.target.opened == 200);
            assertTrue(world.clock().nanos() - begin > 100_000_000L, "faster than 16 in 10 ms");
            assertTrue(bench.statistic("accept_pauses") >= 10);
            for (NvmeTcpHost host : hosts) {
                host.close();
            }
            bench.end();
        });
    }

    @Test
    void shouldTakeLittleMemoryForConnectionsThatDoNothing() {
        SimWorld.run(1, 2, world -> {
            TransportOptions usual = new TransportOptions(128, 128, 127, 4096, 128 * 1024, true, 4096, false);
            Bench bench = new Bench(world, usual);
            long before = world.environment().memory().givenBytes();
            List<NvmeTcpHost> idle = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                NvmeTcpHost host = bench.host();
                host.send(i % 2 == 0 ? new Bytes(7) : NvmeTcpHost.icReq(0));
                idle.add(host);
            }
            world.until(() -> bench.target.opened == 2000);
            // The wires of this test have 256 KiB each.
            long each = (world.environment().memory().givenBytes() - before) / 2000 - 256 * 1024;
            assertTrue(each <= 20 * 1024, each + " bytes for an idle connection");
            try (NvmeTcpHost healthy = bench.connected(true, true)) {
                byte[] data = new byte[4096];
                data[17] = 17;
                assertEquals(0, healthy.write(1, 8, 8, data, true).status());
                assertEquals(17, healthy.read(1, 8, 8, 4096).data()[17]);
            }
            for (NvmeTcpHost host : idle) {
                host.close();
            }
            bench.end();
        });
    }
}
