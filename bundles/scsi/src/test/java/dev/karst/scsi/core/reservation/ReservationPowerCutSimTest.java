package dev.karst.scsi.core.reservation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.env.sim.PowerCut;
import dev.karst.env.sim.SimEnvironment;
import dev.karst.env.sim.SimRandom;
import dev.karst.env.sim.WriteRecorder;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.scsi.core.reservation.ReservationRequest.Clear;
import dev.karst.scsi.core.reservation.ReservationRequest.Give;
import dev.karst.scsi.core.reservation.ReservationRequest.Preempt;
import dev.karst.scsi.core.reservation.ReservationRequest.Register;
import dev.karst.scsi.core.reservation.ReservationRequest.Release;
import dev.karst.scsi.core.reservation.ReservationRequest.Reserve;
import dev.karst.scsi.core.reservation.ReservationRequest.Take;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The power is cut at every instant that matters: a unit that comes back has the last state that was told, or the next. */
class ReservationPowerCutSimTest {
    private static final Path FOLDER = Path.of("/data");
    private static final UUID UNIT = new UUID(0x5f0c, 1);
    private static final int SEEDS = 25;
    private static final int REQUESTS = 25;

    /** Nobody is there to obey. */
    private static final class Alone implements ReservationHome.Surroundings {
        @Override
        public void publish(Access access, Set<NexusName> aborted, Runnable done) {
            done.run();
        }

        @Override
        public void tell(List<Outcome.Notice> notices) {}
    }

    private long states;

    private static NexusName nexus(int number) {
        return new NexusName("4500000" + number, 1);
    }

    private static ReservationRequest request(SimRandom random, long key) {
        long other = 1 + random.below(3);
        ReservationType type = ReservationType.values()[random.below(6)];
        return switch (random.below(10)) {
            case 0, 1, 2 -> new Register(true, 0, other, !random.oneIn(4), List.of(), false);
            case 3 -> new Register(false, key, 0, true, List.of(), false);
            case 4, 5 -> new Reserve(type, key);
            case 6 -> new Preempt(type, key, other, false);
            case 7 -> new Release(type, key);
            case 8 -> random.oneIn(2) ? new Take() : new Give();
            default -> random.oneIn(3) ? new Clear(key) : new Reserve(type, key);
        };
    }

    private void cutEverywhere(SimWorld world) throws Exception {
        WriteRecorder recorder = world.environment().files().record();
        var file = new ReservationFile(world.environment().files(), FOLDER, UNIT);
        var home = new ReservationHome(
            world.reactor(0), world.environment().threads().background(), file, file.load(), new Alone());
        var told = new ArrayList<ReservationState>(List.of(ReservationState.EMPTY));
        recorder.mark(0);
        for (int i = 0; i < REQUESTS; i++) {
            NexusName nexus = nexus(world.random().below(3));
            Registrant mine = home.state().find(nexus);
            var answer = new CompletableFuture<Integer>();
            home.execute(nexus, request(world.random(), mine == null ? 0 : mine.key()), answer::complete);
            world.until(answer::isDone);
            told.add(ReservationFile.kept(home.state()));
            recorder.mark(told.size() - 1);
        }
        var report = new PowerCut(recorder, world.random(), 200).checkAll(state -> {
            int last = Math.max(0, (int) recorder.markAt(state.instant()));
            try (var after = new SimEnvironment(new SimRandom(1), 1)) {
                state.openIn(after);
                ReservationState found = new ReservationFile(after.files(), FOLDER, UNIT).load();
                ReservationState next = told.get(Math.min(last + 1, told.size() - 1));
                assertTrue(found.equals(told.get(last)) || found.equals(next),
                    found + " is neither " + told.get(last) + " nor " + next);
            }
        });
        states += report.distinct();
    }

    @Test
    void shouldComeBackWithTheLastStateOrTheNextWhenPowerIsCut() {
        SimWorld.run(1, SEEDS, 1, this::cutEverywhere);
        assertTrue(states > 20L * SEEDS || Long.getLong("karst.sim.seed") != null, states + " states are too few to tell");
    }

    @Test
    void shouldFailWhenTheDiskLiesAboutSync() {
        assertThrows(AssertionError.class, () -> SimWorld.run(1, SEEDS, 1, world -> {
            world.faults().lyingSync = true;
            cutEverywhere(world);
        }));
    }

    @Test
    void shouldRefuseFileWhenAnyByteIsAnother() throws Exception {
        try (var environment = new SimEnvironment(new SimRandom(1), 1)) {
            var file = new ReservationFile(environment.files(), FOLDER, UNIT);
            ReservationState state = ReservationState.EMPTY.with(nexus(1), 0xa1).with(nexus(2), -1)
                .reserved(ReservationType.EXCLUSIVE_ACCESS, nexus(2)).persisting(true).counted();
            file.save(state);
            assertEquals(state, file.load());
            Path path = FOLDER.resolve(UNIT + ".reservations");
            byte[] bytes = environment.files().read(path, 4096);
            for (int i = 0; i < bytes.length; i++) {
                byte[] other = bytes.clone();
                other[i] ^= (byte) (1 << i % 7);
                environment.files().write(path, other);
                assertThrows(StorageException.class, file::load, "byte " + i);
            }
            Path another = FOLDER.resolve(new UUID(7, 7) + ".reservations");
            environment.files().write(another, bytes);
            assertThrows(StorageException.class,
                new ReservationFile(environment.files(), FOLDER, new UUID(7, 7))::load, "the file of another unit");
        }
    }
}
