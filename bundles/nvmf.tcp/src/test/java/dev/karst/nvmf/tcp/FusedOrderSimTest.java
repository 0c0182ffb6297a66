package dev.karst.nvmf.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.nvmf.testkit.Bytes;
import dev.karst.nvmf.testkit.NvmeTcpHost;
import dev.karst.reactor.sim.SimWorld;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Fused commands come in one order and their data in another: the core must hear of the first. */
class FusedOrderSimTest {
    private static Bytes fused(int fuse, int opcode, int cid, boolean inCapsule) {
        return NvmeTcpHost.sqe(opcode, 1, 512, inCapsule).set(1, 1, 0x40 | fuse).set(2, 2, cid);
    }

    @Test
    void shouldTellTheOrderOfCommandsWhenTheirDataComesInAnother() {
        SimWorld.run(1, 20, world -> {
            Bench bench = new Bench(world);
            try (NvmeTcpHost host = bench.connected(true, true)) {
                host.send(host.capsule(fused(0, 0x01, 20, true), new byte[512]));
                host.send(host.capsule(fused(1, 0x05, 21, false), new byte[0]));
                host.send(host.capsule(fused(2, 0x01, 22, true), new byte[512]));
                host.send(host.capsule(fused(0, 0x01, 23, true), new byte[512]));
                host.send(host.capsule(fused(0, 0x01, 24, true), new byte[512]));
                for (int ended = 0; ended < 5; ) {
                    NvmeTcpHost.Received pdu = host.receive();
                    if (pdu.type() == NvmeTcpHost.R2T) {
                        int tag = pdu.header().u16(10);
                        host.send(host.hostData(pdu.header().u16(8), tag, 0, new byte[512], true));
                    } else {
                        ended++;
                    }
                }
                assertEquals(List.of(21, 22, 23), bench.target.arrived);
                List<Integer> begun = bench.target.executed;
                assertEquals(21, begun.getLast(), "its data came last");
            }
            bench.end();
        });
    }
}
