package dev.karst.bdev.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;
import dev.karst.bdev.module.Geometry;
import dev.karst.reactor.sim.SimWorld;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Commands of another protocol, handed to a module that knows it. */
class PassthroughSimTest {
    private static final class Command extends BdevIo {
        final List<Integer> ends = new ArrayList<>();

        Command(IoType type, long memory, int bytes) {
            super(2);
            this.type = type;
            sqe = memory;
            if (bytes > 0) {
                data.set(memory + 64, bytes);
            }
        }

        @Override
        protected void ended(int status) {
            ends.add(status);
        }
    }

    private static final class Abort extends BdevIo {
        Abort(BdevIo victim) {
            super(0);
            type = IoType.ABORT;
            this.victim = victim;
        }

        @Override
        protected void ended(int status) {}
    }

    private static Bench bench(SimWorld world, int alignment) throws Exception {
        var bench = new Bench(world);
        bench.script.supported.addAll(List.of(IoType.NVME_IO, IoType.NVME_ADMIN));
        return bench.disk(Geometry.of("disk", Bench.DISK_UUID, "Scripted disk", 512, Bench.BLOCKS)
            .limited(4, 1, 4, alignment));
    }

    private static void end(Bench bench, BdevChannel channel) throws Exception {
        bench.world.on(bench.world.reactor(0), channel::close);
        bench.descriptor.close();
        bench.layer.close();
    }

    @Test
    void shouldReachTheModuleWithDataOfAnyLengthAlsoWhenItIsReplaced() {
        SimWorld.run(1, 60, world -> {
            Bench bench = bench(world, 1);
            bench.script.refuseOneIn = bench.random.oneIn(2) ? 0 : 3;
            long memory = world.environment().memory().allocate("commands", 65536).address();
            BdevChannel channel = world.call(world.reactor(0), () -> bench.descriptor.openChannel(world.reactor(0)));
            var commands = new ArrayList<Command>();
            for (int i = 0; i < 20; i++) {
                long at = memory + i * 3000L;
                Mem.setByte(at, (byte) (i + 1));
                Mem.setLong(at + 40, 1000 + i);
                var command = new Command(i % 2 == 0 ? IoType.NVME_IO : IoType.NVME_ADMIN, at, i * 100);
                commands.add(command);
                world.on(world.reactor(0), () -> assertEquals(Status.OK, channel.submit(command)));
                if (i == 10) {
                    bench.layer.removeModule(bench.module);
                    bench.module = bench.newModule();
                    bench.layer.addModule(bench.module);
                }
            }
            world.until(() -> channel.inFlight() == 0);
            world.settle(1);
            for (int i = 0; i < 20; i++) {
                assertEquals(List.of(Status.OK), commands.get(i).ends);
                assertEquals(1000 + i, commands.get(i).result);
                assertEquals(i == 0 ? 0 : i + 1, Mem.getByte(memory + i * 3000L + 64 + Math.max(0, i * 100 - 1)));
            }
            end(bench, channel);
        });
    }

    @Test
    void shouldEndWithAbortedWhenTheSubmitterAborts() {
        SimWorld.run(100, 20, world -> {
            Bench bench = bench(world, 1);
            bench.script.abortOneIn = 1;
            bench.script.inlineOneIn = 0;
            long memory = world.environment().memory().allocate("commands", 4096).address();
            BdevChannel channel = world.call(world.reactor(0), () -> bench.descriptor.openChannel(world.reactor(0)));
            var command = new Command(IoType.NVME_IO, memory, 0);
            world.on(world.reactor(0), () -> {
                channel.submit(command);
                channel.submit(new Abort(command));
            });
            world.until(() -> channel.inFlight() == 0);
            world.settle(1);
            assertEquals(List.of(Status.ABORTED), command.ends);
            end(bench, channel);
        });
    }

    @Test
    void shouldRefuseWhatMayNotPass() {
        SimWorld.run(200, 1, world -> {
            Bench bench = bench(world, 512);
            long memory = world.environment().memory().allocate("commands", 4096).address();
            BdevDescriptor reader = bench.layer.open("disk", false, world.reactor(0), bench.told);
            BdevChannel reads = world.call(world.reactor(0), () -> reader.openChannel(world.reactor(0)));
            BdevChannel channel = world.call(world.reactor(0), () -> bench.descriptor.openChannel(world.reactor(0)));
            world.on(world.reactor(0), () -> {
                assertEquals(Status.READ_ONLY, reads.submit(new Command(IoType.NVME_ADMIN, memory, 0)));
                assertEquals(Status.INVALID, channel.submit(new Command(IoType.NVME_IO, memory, 512)));
                assertEquals(Status.INVALID, channel.submit(new Command(IoType.NVME_IO, 0, 0)));
                var split = new Command(IoType.NVME_IO, memory, 0);
                split.data.add(memory + 512, 512);
                split.data.add(memory + 1536, 512);
                assertEquals(Status.INVALID, channel.submit(split));
            });
            world.on(world.reactor(0), reads::close);
            reader.close();
            end(bench, channel);
        });
    }
}
