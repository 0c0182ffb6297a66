package dev.karst.nvme.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.nvmf.testkit.Bytes;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Controllers that break the protocol in one place: each is told so; the queue is lost with a reason, its commands end once. */
class LyingControllerSimTest {
    private static final int READ_BYTES = 4096;
    private static final int WRITE_BYTES = 1 << 20;
    private static final byte REUSED = (byte) 0xee;

    /** A connection with a read and a write in flight. */
    private static final class Scene {
        final SimWorld world;
        final ControllerEnd end;
        final Host host;
        TcpQueue queue;
        Host.Waited read;
        Host.Waited write;
        int readCid;
        int writeCid;

        Scene(SimWorld world, int digests) throws Exception {
            this.world = world;
            end = new ControllerEnd(world);
            host = new Host(world);
            queue = host.open(end.port(), 1, 4, (digests & 1) != 0, (digests & 2) != 0);
            read = host.request(1, READ_BYTES);
            read.command(Opcode.NVM_READ, 1).range(0, 8);
            read.data.set(read.region.address(), READ_BYTES);
            write = host.request(1, WRITE_BYTES);
            write.command(Opcode.NVM_WRITE, 1).range(0, WRITE_BYTES / 512);
            write.data.set(write.region.address(), WRITE_BYTES);
            host.submit(queue, read);
            readCid = end.receive().u16(10);
            host.submit(queue, write);
            writeCid = end.receive().u16(10);
        }

        /** The driver's part after a loss; then all has ended once and nothing is left. */
        void finish() throws Exception {
            world.until(() -> host.losses.size() == 1);
            host.close();
            assertEquals(1, host.losses.size());
            assertEquals(1, read.endings);
            assertEquals(1, write.endings);
            end.close();
            world.settle(10_000);
            assertEquals(0, world.environment().memory().regions().size());
            assertEquals(0, world.environment().network().openSockets());
        }
    }

    /**
     * A lie.
     *
     * @param what for people to read
     * @param fes the fatal error that the host must answer with
     * @param fei its information
     * @param pdu what the controller sends
     */
    private record Lie(String what, int fes, int fei, Function<Scene, Bytes> pdu) {}

    private static Bytes response(Scene scene) {
        return scene.end.response(scene.readCid, 0);
    }

    private static Bytes data(Scene scene) {
        return scene.end.data(scene.readCid, 0, new byte[READ_BYTES], 4);
    }

    private static Bytes r2t(Scene scene) {
        return scene.end.r2t(scene.writeCid, 1, 0, 4096);
    }

    private static final List<Lie> LIES = List.of(
        new Lie("a type that nobody knows", 1, 0, scene -> response(scene).set(0, 1, 0x0a)),
        new Lie("a command capsule", 1, 0, scene -> response(scene).set(0, 1, ControllerEnd.CAPSULE_CMD)),
        new Lie("data of a host", 1, 0, scene -> data(scene).set(0, 1, ControllerEnd.H2C_DATA)),
        new Lie("a second ICResp", 2, 0, scene -> ControllerEnd.icResp(0)),
        new Lie("a response with a long header", 1, 2, scene -> response(scene).set(2, 1, 28)),
        new Lie("a response with a short header", 1, 2, scene -> response(scene).set(2, 1, 8)),
        new Lie("a response that is longer", 1, 4, scene -> response(scene).set(3, 1, 24).set(4, 4, 28)),
        new Lie("a response that is shorter", 1, 4, scene -> response(scene).set(4, 4, 20)),
        new Lie("a response of no length", 1, 4, scene -> response(scene).set(4, 4, 0)),
        new Lie("data without end", 1, 4, scene -> data(scene).set(4, 4, 0xffff_ffffL)),
        new Lie("data that is none", 1, 4, scene -> data(scene).set(3, 1, 0).set(4, 4, 24)),
        new Lie("a header digest that nobody wanted", 1, 1, scene -> response(scene).set(1, 1, 1)),
        new Lie("a data digest that nobody wanted", 1, 1, scene -> data(scene).set(1, 1, 2)),
        new Lie("data within the header", 1, 3, scene -> data(scene).set(3, 1, 20)),
        new Lie("data at an odd place", 1, 3, scene -> data(scene).set(3, 1, 26)),
        new Lie("an answer to no command", 1, 20, scene -> scene.end.response(3, 0)),
        new Lie("an answer to a slot that is not there", 1, 20, scene -> scene.end.response(4, 0)),
        new Lie("an answer to a later command", 1, 20, scene -> scene.end.response(scene.readCid + 0x1000, 0)),
        new Lie("data of no command", 1, 8, scene -> scene.end.data(3, 0, new byte[512], 4)),
        new Lie("data of a write", 4, 12, scene -> scene.end.data(scene.writeCid, 0, new byte[512], 4)),
        new Lie("data that begins in the middle", 4, 12, scene -> scene.end.data(scene.readCid, 512, new byte[512], 4)),
        new Lie("more data than was asked for", 4, 12, scene -> scene.end.data(scene.readCid, 0, new byte[READ_BYTES + 512], 4)),
        new Lie("data of another length", 1, 16, scene -> data(scene).set(16, 4, 512)),
        new Lie("success before the end", 1, 1, scene -> data(scene).set(1, 1, 8)),
        new Lie("an R2T for no command", 1, 8, scene -> scene.end.r2t(3, 1, 0, 4096)),
        new Lie("an R2T for a read", 2, 0, scene -> scene.end.r2t(scene.readCid, 1, 0, 4096)),
        new Lie("an R2T for nothing", 4, 12, scene -> scene.end.r2t(scene.writeCid, 1, 0, 0)),
        new Lie("an R2T past the end", 4, 12, scene -> scene.end.r2t(scene.writeCid, 1, 0, WRITE_BYTES + 4)),
        new Lie("an R2T for nearly all there is", 4, 12, scene -> scene.end.r2t(scene.writeCid, 1, 0, 0xffff_fffcL)),
        new Lie("an R2T that begins in the middle", 4, 12, scene -> scene.end.r2t(scene.writeCid, 1, 4096, 4096)),
        new Lie("an R2T that is longer", 1, 4, scene -> r2t(scene).set(4, 4, 32).set(3, 1, 24)));

    @Test
    void shouldSayWhatIsWrongAndBeLostWhenAControllerBreaksTheProtocol() {
        for (Lie lie : LIES) {
            SimWorld.run(1, 4, world -> {
                var scene = new Scene(world, 0);
                scene.end.send(lie.pdu().apply(scene));
                expectTermination(scene, lie);
                scene.finish();
                assertEquals(NvmeStatus.COMMAND_ABORTED_BY_HOST, scene.read.status, lie.what());
                assertTrue(scene.host.losses.getFirst().contains(ControllerPdus.text(lie.fes(), lie.fei())), lie.what());
            });
        }
    }

    private static void expectTermination(Scene scene, Lie lie) {
        Bytes pdu = scene.end.receive();
        assertEquals(ControllerEnd.H2C_TERM_REQ, pdu.u8(0), lie.what());
        assertEquals(lie.fes(), pdu.u16(8), lie.what() + ": FES");
        assertEquals(lie.fei(), (int) pdu.u32(10), lie.what() + ": FEI");
    }

    @Test
    void shouldNoticeWhenALieIsNotToldOf() {
        var planted = new Lie("planted", 1, 5, scene -> response(scene).set(4, 4, 20));
        AssertionError found = assertThrows(AssertionError.class, () -> SimWorld.run(1, 1, world -> {
            var scene = new Scene(world, 0);
            scene.end.send(planted.pdu().apply(scene));
            expectTermination(scene, planted);
        }));
        assertTrue(found.getMessage().contains("planted: FEI"), found.getMessage());
    }

    @Test
    void shouldBeLostWhenAHeaderDigestIsWrong() {
        SimWorld.run(1, 10, world -> {
            var scene = new Scene(world, 3);
            Bytes response = response(scene);
            scene.end.send(response.set(24, 4, response.u32(24) ^ 1));
            expectTermination(scene, new Lie("a wrong header digest", 3, (int) response.u32(24), _ -> response));
            scene.finish();
        });
    }

    @Test
    void shouldFailTheCommandAloneWhenADataDigestIsWrong() {
        SimWorld.run(1, 10, world -> {
            var scene = new Scene(world, 3);
            Bytes data = data(scene);
            scene.end.send(data.set(data.length() - 1, 1, data.u8(data.length() - 1) ^ 1));
            scene.end.send(response(scene));
            world.until(() -> scene.read.done);
            assertEquals(NvmeStatus.TRANSIENT_TRANSPORT_ERROR, scene.read.status);
            assertTrue(scene.queue.isConnected());
            scene.end.hangUp();
            scene.finish();
        });
    }

    @Test
    void shouldFailAReadWhenItSucceedsWithoutAllOfItsData() {
        SimWorld.run(1, 10, world -> {
            var scene = new Scene(world, 0);
            scene.end.send(scene.end.data(scene.readCid, 0, new byte[512], 4));
            scene.end.send(response(scene));
            world.until(() -> scene.read.done);
            assertEquals(NvmeStatus.DATA_TRANSFER_ERROR, scene.read.status);
            scene.end.hangUp();
            scene.finish();
        });
    }

    @Test
    void shouldSayWhyWhenTheControllerEndsTheConnection() {
        SimWorld.run(1, 10, world -> {
            var scene = new Scene(world, 0);
            scene.end.send(ControllerEnd.termReq(4, 12));
            scene.finish();
            assertEquals("the controller ended the connection for data out of range (12)", scene.host.losses.getFirst());
        });
    }

    @Test
    void shouldSendNothingMoreOfAWriteWhenItHasEnded() {
        SimWorld.run(1, 20, world -> {
            var scene = new Scene(world, 0);
            scene.end.send(r2t(scene));
            scene.end.send(scene.end.r2t(scene.writeCid, 2, 4096, WRITE_BYTES - 4096));
            world.runFor(20);
            scene.end.send(scene.end.response(scene.writeCid, NvmeStatus.WRITE_FAULT));
            world.runFor(20);
            assertFalse(scene.write.done, "it ended while data of it waited for the socket");
            world.until(() -> {
                scene.end.flush();
                takeCleanData(scene);
                return scene.write.done;
            });
            assertEquals(NvmeStatus.WRITE_FAULT, scene.write.status);
            Mem.fill(scene.write.region.address(), WRITE_BYTES, REUSED);
            world.runFor(5);
            takeCleanData(scene);
            scene.end.send(scene.end.response(scene.writeCid, 0));
            scene.finish();
        });
    }

    /** What has come is of the write, and no byte of it is of what its memory held after its end. */
    private static void takeCleanData(Scene scene) {
        for (Bytes pdu = scene.end.poll(); pdu != null; pdu = scene.end.poll()) {
            assertEquals(ControllerEnd.H2C_DATA, pdu.u8(0));
            for (int i = pdu.u8(3); i < pdu.length(); i++) {
                assertNotEquals(REUSED, (byte) pdu.u8(i), "memory was sent after its write had ended");
            }
        }
    }

    @Test
    void shouldRefuseToConnectWhenTheControllerOffersWhatItMustNot() {
        List<Bytes> offers = List.of(
            ControllerEnd.icResp(0).set(8, 2, 1), ControllerEnd.icResp(0).set(10, 1, 32), ControllerEnd.icResp(1),
            ControllerEnd.icResp(0).set(12, 4, 4095), ControllerEnd.icResp(0).set(12, 4, 4098),
            ControllerEnd.icResp(0).set(4, 4, 136), ControllerEnd.icResp(0).set(0, 1, ControllerEnd.CAPSULE_RESP),
            ControllerEnd.termReq(6, 11));
        for (Bytes offer : offers) {
            SimWorld.run(1, 3, world -> {
                try (var end = new ControllerEnd(world, _ -> offer)) {
                    var host = new Host(world);
                    StorageException refused =
                        assertThrows(StorageException.class, () -> host.open(end.port(), 1, 4, false, false));
                    assertEquals(-Errno.EPROTO, refused.code(), refused.getMessage());
                    assertEquals(List.of(), host.losses);
                    host.close();
                }
            });
        }
    }

    @Test
    void shouldGiveUpWhenNoIcRespComes() {
        SimWorld.run(1, 3, world -> {
            try (var end = new ControllerEnd(world, _ -> null)) {
                var host = new Host(world);
                StorageException refused =
                    assertThrows(StorageException.class, () -> host.open(end.port(), 1, 4, false, false));
                assertEquals(-Errno.ETIMEDOUT, refused.code(), refused.getMessage());
                host.close();
            }
        });
    }

    @Test
    void shouldTellOfALossWhenItCameBeforeTheDriverTookTheQueue() {
        SimWorld.run(1, 10, world -> {
            var end = new ControllerEnd(world);
            var host = new Host(world);
            TcpQueue queue = host.open(end.port(), 1, 4, false, false);
            world.on(queue.reactor(), () -> queue.connected(false));
            end.close();
            world.settle(100);
            assertEquals(List.of(), host.losses);
            world.on(queue.reactor(), () -> queue.connected(true));
            Host.Waited request = host.request(1, 512);
            request.command(Opcode.NVM_FLUSH, 1);
            world.on(queue.reactor(), () -> {
                queue.submit(request);
                queue.submit(request);
            });
            world.until(() -> host.losses.size() == 1);
            host.close();
        });
    }
}
