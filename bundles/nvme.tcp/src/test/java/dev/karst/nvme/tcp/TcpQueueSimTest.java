package dev.karst.nvme.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import org.junit.jupiter.api.Test;

/** Queues against Karst's own target, on simulated sockets, where bytes come in pieces of any size. */
class TcpQueueSimTest {
    @Test
    void shouldKeepDataWhenManyCommandsAreInFlight() {
        SimWorld.run(1, 20, world -> {
            var target = new KarstTarget(world);
            var host = new Host(world);
            host.associate(host.open(KarstTarget.PORT, 0, 8, world.random().oneIn(2), world.random().oneIn(2)));
            TcpQueue queue = host.open(KarstTarget.PORT, 1, Worker.COUNT, world.random().oneIn(2), world.random().oneIn(2));
            host.associate(queue);
            Worker.work(world, host, queue, () -> { });
            host.close();
            target.close();
        });
    }

    @Test
    void shouldEndEachCommandOnceAndConnectAgainWhenConnectionsAreCut() {
        SimWorld.run(1000, 15, world -> {
            var target = new KarstTarget(world);
            var host = new Host(world);
            TcpQueue queue = host.open(KarstTarget.PORT, 0, 8, world.random().oneIn(2), world.random().oneIn(2));
            host.associate(queue);
            Host.Waited identify = host.request(1, 4096);
            for (int round = 1; round <= 3; round++) {
                identify.command(Opcode.ADMIN_IDENTIFY, 0);
                identify.cdw10and11 = 1;
                identify.data.set(identify.region.address(), 4096);
                host.submit(queue, identify);
                int steps = world.random().below(60);
                for (int i = 0; i < steps; i++) {
                    world.reactors().step(Long.MAX_VALUE);
                }
                world.environment().network().cutAll();
                int lost = round;
                world.until(() -> host.losses.size() == lost);
                world.on(queue.reactor(), queue::cut);
                assertEquals(round, identify.endings);
                assertTrue(identify.status == 0 || identify.status == NvmeStatus.COMMAND_ABORTED_BY_HOST);
                assertEquals(0, queue.inFlight());
                assertEquals(Status.NOT_CONNECTED, world.call(queue.reactor(), () -> queue.submit(identify)));
                host.connect(queue);
                host.associate(queue);
            }
            host.close();
            target.close();
        });
    }

    @Test
    void shouldSayWhoDoesNotAnswerWhenNobodyListens() {
        SimWorld.run(1, 5, world -> {
            var host = new Host(world);
            StorageException refused = assertThrows(StorageException.class, () -> host.open(4421, 0, 8, false, false));
            assertEquals(-Errno.ECONNREFUSED, refused.code());
            assertTrue(refused.getMessage().contains("127.0.0.1:4421"), refused.getMessage());
            host.close();
            assertEquals(0, world.environment().network().openSockets());
            assertEquals(0, world.environment().memory().regions().size());
        });
    }

    @Test
    void shouldRefuseWhatCannotGoOverTheWire() {
        SimWorld.run(1, 1, world -> {
            var target = new KarstTarget(world);
            var host = new Host(world);
            TcpQueue queue = host.open(KarstTarget.PORT, 0, 8, false, false);
            Host.Waited request = host.request(1, 4096);
            request.command(Opcode.NVM_FLUSH, 1);
            request.data.set(request.region.address(), 4096);
            assertEquals(Status.INVALID, world.call(queue.reactor(), () -> queue.submit(request)), "data without a direction");
            request.command(Opcode.NVM_READ, 1);
            request.metadata = request.region.address();
            assertEquals(Status.INVALID, world.call(queue.reactor(), () -> queue.submit(request)), "metadata of its own");
            assertEquals(0, queue.inFlight());
            host.close();
            target.close();
        });
    }
}
