package dev.karst.reactor.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.DataFile;
import dev.karst.env.FileOp;
import dev.karst.env.sim.PowerCut;
import dev.karst.env.sim.WriteRecorder;
import dev.karst.reactor.Reactor;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A log on a reactor, cut at every instant, and cut again while it recovers: how a layer is tested for power cuts. */
class PowerCutSimTest {
    private static final Path PATH = Path.of("/log");
    private static final int RECORD = 1024;
    private static final int RECORDS = 4;

    /** Appends records, each twice as long as a sector, and syncs after each; a record holds its number in both halves. */
    private static final class Log extends FileOp {
        final SimWorld world;
        final Reactor reactor;
        final long address;
        int appended;
        int acknowledged;

        Log(SimWorld world) throws StorageException {
            this.world = world;
            this.reactor = world.reactor(0);
            this.file = world.environment().files().open(PATH, false);
            this.address = world.environment().memory().allocate("log", RECORD).address();
            this.data = new IoVector(1);
        }

        void append() {
            appended++;
            Mem.setInt(address, appended);
            Mem.setInt(address + RECORD / 2, appended);
            data.set(address, RECORD);
            submit(Kind.WRITE, (appended - 1L) * RECORD, RECORD);
        }

        private void submit(Kind kind, long offset, int length) {
            this.kind = kind;
            this.offset = offset;
            this.length = length;
            try {
                assertEquals(0, reactor.fileRing().submit(this));
            } catch (StorageException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void completed(int result) {
            if (kind == Kind.WRITE) {
                submit(Kind.SYNC, 0, 0);
            } else {
                acknowledged = appended;
                world.environment().files().recorder().mark(acknowledged);
                if (acknowledged < RECORDS) {
                    append();
                }
            }
        }
    }

    private static WriteRecorder append(SimWorld world, int already) throws Exception {
        WriteRecorder recorder = world.environment().files().record();
        recorder.mark(already);
        Log log = new Log(world);
        log.appended = already;
        world.on(log.reactor, log::append);
        world.until(() -> log.acknowledged == RECORDS);
        return recorder;
    }

    /** How many whole records there are from the start. */
    private static int recover(SimWorld world) throws Exception {
        DataFile file = world.environment().files().open(PATH, true);
        byte[] bytes = world.environment().files().content(file.path()).read(0, RECORDS * RECORD);
        int records = 0;
        while (records < RECORDS && bytes[records * RECORD] == records + 1
            && bytes[records * RECORD + RECORD / 2] == records + 1) {
            records++;
        }
        return records;
    }

    private static PowerCut.Report cutEverywhere(SimWorld world, WriteRecorder recorder, int depth) {
        return new PowerCut(recorder, world.random(), 1000).checkAll(state -> {
            try (var after = new SimWorld(world.seed(), 1)) {
                state.openIn(after.environment());
                int records = recover(after);
                long acknowledged = recorder.markAt(state.instant());
                assertTrue(records >= acknowledged, records + " records after " + acknowledged + " were acknowledged");
                if (depth > 0 && records < RECORDS) {
                    cutEverywhere(after, append(after, records), depth - 1);
                }
            }
        });
    }

    @Test
    void shouldKeepEveryAcknowledgedRecordWhenThePowerIsCutTwice() {
        SimWorld.run(1, 20, 1, world -> {
            world.environment().files().create(PATH, 65_536);
            var report = cutEverywhere(world, append(world, 0), 1);
            assertTrue(report.exhaustive());
            assertTrue(report.distinct() >= RECORDS, report.toString());
        });
    }

    @Test
    void shouldFindTheLossWhenTheDiskLies() {
        var found = assertThrows(AssertionError.class, () -> SimWorld.run(1, 20, 1, world -> {
            world.environment().files().create(PATH, 65_536);
            world.faults().lyingSync = true;
            cutEverywhere(world, append(world, 0), 0);
        }));
        assertTrue(found.getMessage().contains("were acknowledged"), found.getMessage());
    }
}
