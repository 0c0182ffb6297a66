package dev.karst.nvmf.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.IoType;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.NvmCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Property;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvmf.FabricsCommand;
import dev.karst.spec.nvmf.PropertyCommand;
import dev.karst.spec.nvme.nvm.CopyCommand;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Random commands of all kinds, right and wrong, from several hosts, while connections break, namespaces come and go
 * and controllers are reset. {@link FakeConnection} holds the core to one answer for each command.
 */
class StormSimTest {
    private static final int ROUNDS = 120;

    private final List<FakeConnection> connections = new ArrayList<>();
    private long answered;

    private static Stage stage(SimWorld world) throws Exception {
        Stage stage = Stage.usual(world);
        stage.module.create("Slow", 256, false, true);
        stage.module.usualNanos = world.random().oneIn(4) ? 0 : 1 + world.random().below(200_000);
        stage.module.refuseOneIn = new int[] {0, 0, 2, 3, 5}[world.random().below(5)];
        stage.call("nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace", Map.of("bdev_name", "Slow", "nsid", 3L));
        return stage;
    }

    private LongConsumer random(SimWorld world) {
        int kind = world.random().below(20);
        long seed = world.random().nextLong();
        if (kind == 0) {
            return sqe -> {
                byte[] noise = new byte[Sqe.BYTES];
                world.random().bytes(noise);
                Mem.put(sqe, noise, 0, noise.length);
                Sqe.PSDT.set(sqe, 1);
            };
        } else if (kind == 1) {
            return sqe -> {
                Sqe.OPC.set(sqe, Opcode.FABRICS);
                FabricsCommand.FCTYPE.set(sqe, (int) (seed & 5));
                PropertyCommand.OFST.set(sqe, Property.CC);
                PropertyCommand.VALUE.set(sqe, (seed & 64) == 0 ? 0 : Host.CC_ENABLE | (seed & 128) << 7);
            };
        }
        int[] opcodes = {0, 1, 2, 8, 9, 1, 2, 1, 2, 5, 8, 0x0c, 0x0a, 2, 9, 5};
        return sqe -> {
            Sqe.OPC.set(sqe, opcodes[(int) (seed & 15)]);
            Sqe.NSID.set(sqe, 1 + (seed >> 4 & 3));
            Sqe.CDW10.set(sqe, seed >> 6 & 0x1ff);
            Sqe.CDW12.set(sqe, (seed >> 16 & 15) | (seed >> 20 & 1) << 30);
            if ((seed & 15) == 10) {
                Sqe.CDW10.set(sqe, 1 | (seed >> 24 & 0xff) << 16);
            }
        };
    }

    private void sendRandom(SimWorld world, FakeConnection connection) {
        if (connection.closing || connection.free.isEmpty() || connection.qid < 0) {
            return;
        }
        connection.pieces = 1 + world.random().below(3);
        if (world.random().oneIn(8)) {
            sendPair(world, connection);
            return;
        }
        boolean copy = world.random().oneIn(8);
        LongConsumer command = copy ? copying(world) : random(world);
        int length = world.random().below(9) * 1024;
        byte[] ranges = copy ? NvmCommandsTest.sources(world.random().below(100), 3, 100, 1) : null;
        connection.send(command, length, ranges).answered.thenAccept(answer -> answered++);
    }

    private LongConsumer copying(SimWorld world) {
        int target = world.random().below(270);
        int ranges = 1 + world.random().below(3);
        return sqe -> {
            Sqe.OPC.set(sqe, Opcode.NVM_COPY);
            Sqe.NSID.set(sqe, 3);
            CopyCommand.SDLBA.set(sqe, target);
            CopyCommand.NR.set(sqe, ranges - 1);
        };
    }

    /** Two fused commands, now and then with one between them, or only one of them. */
    private void sendPair(SimWorld world, FakeConnection connection) {
        long block = world.random().below(260);
        int nsid = world.random().oneIn(3) ? 1 : 3;
        for (int fuse = world.random().oneIn(9) ? 2 : 1; fuse <= 2 && !connection.free.isEmpty(); fuse++) {
            int half = fuse;
            connection.send(sqe -> {
                Host.transfer(sqe, half == 1 ? Opcode.NVM_COMPARE : Opcode.NVM_WRITE, block, 1);
                Sqe.NSID.set(sqe, nsid);
                Sqe.FUSE.set(sqe, half);
            }, 512, null).answered.thenAccept(answer -> answered++);
            if (world.random().oneIn(9) && !connection.free.isEmpty()) {
                connection.send(random(world), 512, null).answered.thenAccept(answer -> answered++);
            }
        }
    }

    private void addHost(Stage stage, SimWorld world) throws Exception {
        int reactors = world.reactors().all().size();
        try {
            var host = new Host(stage, world.reactor(world.random().below(reactors)));
            connections.add(host.admin);
            for (int i = world.random().below(4); i > 0; i--) {
                FakeConnection io = host.ioQueue(world.reactor(world.random().below(reactors)));
                io.random = world.random().split();
                io.lateNanos = 20_000;
                io.corruptOneIn = 50;
                connections.add(io);
            }
        } catch (AssertionError e) {
            // A controller that was ended meanwhile takes no queue: the storm goes on.
            FakeConnection.check(e.getMessage().startsWith("Connect"), e.getMessage());
        }
    }

    private void round(Stage stage, SimWorld world) throws Exception {
        for (FakeConnection connection : connections) {
            for (int i = world.random().below(4); i > 0; i--) {
                connection.reactor().execute(() -> sendRandom(world, connection));
            }
            if (world.random().oneIn(150)) {
                connection.reactor().execute(() -> disconnect(connection));
            }
        }
        switch (world.random().below(25)) {
            case 0 -> addHost(stage, world);
            case 1 -> attempt(stage, "nvmf_subsystem_remove_ns", "nqn", Stage.NQN, "nsid", 3);
            case 2 -> attempt(stage, "nvmf_subsystem_add_ns", "nqn", Stage.NQN, "namespace",
                Map.of("bdev_name", "Slow", "nsid", 3L));
            case 3 -> world.runFor(1);
            default -> world.settle(0);
        }
        connections.removeIf(connection -> connection.released);
    }

    private static void disconnect(FakeConnection connection) {
        if (!connection.released) {
            connection.disconnect("the storm");
        }
    }

    private static void attempt(Stage stage, String method, Object... namesAndValues) {
        try {
            stage.call(method, namesAndValues);
        } catch (StorageException e) {
            FakeConnection.check(e.getMessage().startsWith("Invalid parameters"), e.getMessage());
        }
    }

    @Test
    void shouldAnswerEachCommandOnceWhateverHappens() {
        long strays = BdevChannel.strayCompletions();
        SimWorld.run(1, 150, world -> {
            connections.clear();
            Stage stage = stage(world);
            addHost(stage, world);
            addHost(stage, world);
            for (int i = 0; i < ROUNDS; i++) {
                round(stage, world);
            }
            if (world.random().oneIn(2)) {
                stage.call("nvmf_delete_subsystem", "nqn", Stage.NQN);
                FakeConnection.check(stage.transport.connections.stream().allMatch(left -> left.qid < 0),
                    "queues are left");
            }
            stage.close();
            assertEquals(0, stage.module.inFlight);
        });
        FakeConnection.check(answered > 20_000, "only " + answered + " answers: no storm");
        assertEquals(strays, BdevChannel.strayCompletions());
    }

    @Test
    void shouldLoseNoWriteAndMixNoneUp() {
        SimWorld.run(1000, 50, this::checkData);
    }

    @Test
    void shouldNoticeWhenADeviceLosesWrites() {
        int noticed = 0;
        for (int seed = 0; seed < 10; seed++) {
            try (var world = new SimWorld(seed, 2)) {
                checkData(world, true);
            } catch (AssertionError e) {
                noticed++;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
        assertEquals(10, noticed, "a device that loses writes went unnoticed");
    }

    private void checkData(SimWorld world) throws Exception {
        checkData(world, false);
    }

    /** Each queue has blocks of its own, writes them in random pieces, several at once, and reads them again. */
    private void checkData(SimWorld world, boolean loses) throws Exception {
        Stage stage = stage(world);
        stage.module.lostOneIn = loses ? 4 : 0;
        var host = new Host(stage, world.reactor(0));
        for (int queue = 0; queue < 3; queue++) {
            FakeConnection io = host.ioQueue(world.reactors().next());
            byte[] model = new byte[64 * 512];
            for (int turn = 0; turn < 12; turn++) {
                var pending = new ArrayList<CompletableFuture<FakeConnection.Answer>>();
                for (int slot = 0; slot < 8; slot++) {
                    pending.add(change(world, io, queue * 64 + slot * 8, model, slot * 8));
                }
                for (var one : pending) {
                    assertEquals(0, world.get(one).status());
                }
            }
            for (int part = 0; part < 4; part++) {
                int at = part;
                int first = queue * 64 + at * 16;
                var answer = Host.send(stage, io, sqe -> transfer(sqe, Opcode.NVM_READ, first, 16), 8192, null);
                FakeConnection.check(
                    Arrays.equals(answer.data(), Arrays.copyOfRange(model, at * 8192, (at + 1) * 8192)), "other data");
            }
        }
        stage.close();
    }

    /** Writes, zeroes, copies or compares and writes up to eight blocks that nobody else has under way. */
    private static CompletableFuture<FakeConnection.Answer> change(
        SimWorld world, FakeConnection io, int first, byte[] model, int at) throws Exception {
        io.pieces = 1 + world.random().below(3);
        int kind = world.random().below(6);
        int count = kind == 0 ? 1 + world.random().below(4) : 1 + world.random().below(8);
        if (kind == 0) {
            System.arraycopy(model, at * 512, model, (at + 4) * 512, count * 512);
            byte[] range = NvmCommandsTest.sources(first, count);
            return world.call(io.reactor(), () -> io.send(sqe -> {
                Sqe.OPC.set(sqe, Opcode.NVM_COPY);
                Sqe.NSID.set(sqe, 3);
                CopyCommand.SDLBA.set(sqe, first + 4);
            }, 0, range).answered);
        }
        byte[] before = Arrays.copyOfRange(model, at * 512, (at + count) * 512);
        byte[] data = new byte[count * 512];
        boolean zeroes = kind == 1;
        boolean fua = world.random().oneIn(3);
        if (!zeroes) {
            world.random().bytes(data);
        }
        System.arraycopy(data, 0, model, at * 512, data.length);
        return world.call(io.reactor(), () -> {
            if (kind == 2) {
                io.send(sqe -> {
                    transfer(sqe, Opcode.NVM_COMPARE, first, count);
                    Sqe.FUSE.set(sqe, Sqe.FUSE_FIRST);
                }, 0, before);
            }
            return io.send(sqe -> {
                transfer(sqe, zeroes ? Opcode.NVM_WRITE_ZEROES : Opcode.NVM_WRITE, first, count);
                NvmCommand.FUA.set(sqe, fua ? 1 : 0);
                Sqe.FUSE.set(sqe, kind == 2 ? Sqe.FUSE_SECOND : 0);
            }, 0, zeroes ? null : data).answered;
        });
    }

    private static void transfer(long sqe, int opcode, long first, int count) {
        Host.transfer(sqe, opcode, first, count);
        Sqe.NSID.set(sqe, 3);
    }

    @Test
    void shouldFlushAfterAWriteWithForcedAccessWhenThereIsACache() {
        SimWorld.run(5, 3, world -> {
            Stage stage = stage(world);
            stage.module.refuseOneIn = 0;
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactor(0));
            stage.module.seen.clear();
            for (int opcode : new int[] {Opcode.NVM_WRITE, Opcode.NVM_READ, Opcode.NVM_WRITE_ZEROES,
                Opcode.NVM_FLUSH}) {
                var answer = Host.send(stage, io, sqe -> {
                    transfer(sqe, opcode, 5, 1);
                    NvmCommand.FUA.set(sqe, 1);
                }, 512, opcode == Opcode.NVM_WRITE ? new byte[512] : null);
                assertEquals(0, answer.status());
            }
            assertEquals(List.of("WRITE 5+1", "FLUSH 0+256", "FLUSH 0+256", "READ 5+1", "WRITE_ZEROES 5+1",
                "FLUSH 0+256",
                "FLUSH 0+256"), stage.module.seen);
            stage.module.failing.put(IoType.FLUSH, Status.errno(5));
            var answer = Host.send(stage, io, sqe -> {
                transfer(sqe, Opcode.NVM_WRITE, 5, 1);
                NvmCommand.FUA.set(sqe, 1);
            }, 0, new byte[512]);
            assertEquals(NvmeStatus.WRITE_FAULT | NvmeStatus.DNR, answer.status());
            stage.close();
        });
    }

    @Test
    void shouldKeepTheOrderOfThoseThatWaitForRoom() {
        SimWorld.run(6, 10, 1, world -> {
            Stage stage = stage(world);
            stage.module.refuseOneIn = 2;
            stage.module.usualNanos = 0;
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactor(0));
            stage.module.seen.clear();
            var last = world.call(world.reactor(0), () -> {
                CompletableFuture<FakeConnection.Answer> answer = null;
                for (int i = 0; i < 30; i++) {
                    int block = i;
                    answer = io.send(sqe -> transfer(sqe, Opcode.NVM_READ, block, 1), 512, null).answered;
                }
                return answer;
            });
            world.get(last);
            assertEquals(IntStream.range(0, 30).mapToObj(i -> "READ " + i + "+1").toList(), stage.module.seen);
            stage.close();
        });
    }

    @Test
    void shouldEndWhatIsInFlightWhenTheConnectionGoes() {
        SimWorld.run(7, 20, world -> {
            Stage stage = stage(world);
            var host = new Host(stage, world.reactor(0));
            FakeConnection io = host.ioQueue(world.reactors().next());
            stage.module.holds = true;
            stage.module.refuseOneIn = 0;
            world.on(io.reactor(), () -> {
                for (int i = 0; i < 20; i++) {
                    int block = i;
                    io.send(sqe -> transfer(sqe, Opcode.NVM_READ, block, 1), 512, null);
                }
            });
            world.until(() -> stage.module.held.size() == 20);
            world.on(io.reactor(), () -> io.disconnect("gone"));
            world.until(() -> io.released);
            stage.module.holds = false;
            stage.close();
        });
    }
}
