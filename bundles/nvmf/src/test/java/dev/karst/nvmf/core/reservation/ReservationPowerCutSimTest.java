package dev.karst.nvmf.core.reservation;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.env.DataFile;
import dev.karst.env.Files;
import dev.karst.env.sim.PowerCut;
import dev.karst.env.sim.SimEnvironment;
import dev.karst.env.sim.SimRandom;
import dev.karst.env.sim.WriteRecorder;
import dev.karst.nvmf.core.reservation.ReservationRequest.Acquire;
import dev.karst.nvmf.core.reservation.ReservationRequest.Acquiring;
import dev.karst.nvmf.core.reservation.ReservationRequest.Clear;
import dev.karst.nvmf.core.reservation.ReservationRequest.Register;
import dev.karst.nvmf.core.reservation.ReservationRequest.Registering;
import dev.karst.nvmf.core.reservation.ReservationRequest.Release;
import dev.karst.reactor.sim.SimWorld;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The power is cut at every instant that matters: a namespace that comes back has the last state that was told, or the next. */
class ReservationPowerCutSimTest {
    private static final Path PATH = Path.of("/data/ns1.reservations");
    private static final UUID NAMESPACE = new UUID(0x5f0c, 1);
    private static final int SEEDS = 25;
    private static final int COMMANDS = 25;

    /** Files that leave steps out: the planted bugs. */
    private static final class Lazy implements Files {
        private final Files files;
        private final Set<String> left;

        Lazy(Files files, Set<String> left) {
            this.files = files;
            this.left = left;
        }

        @Override
        public DataFile open(Path path, boolean readOnly) throws StorageException {
            return files.open(path, readOnly);
        }

        @Override
        public void create(Path path, long bytes) throws StorageException {
            files.create(path, bytes);
        }

        @Override
        public boolean exists(Path path) {
            return files.exists(path);
        }

        @Override
        public byte[] read(Path path, int most) throws StorageException {
            return files.read(path, most);
        }

        @Override
        public void write(Path path, byte[] content) throws StorageException {
            files.write(left.contains("rename") ? PATH : path, content);
        }

        @Override
        public void writeAt(Path path, long offset, byte[] content) throws StorageException {
            files.writeAt(path, offset, content);
        }

        @Override
        public void sync(Path path) throws StorageException {
            if (!left.contains("sync")) {
                files.sync(left.contains("rename") ? PATH : path);
            }
        }

        @Override
        public void rename(Path from, Path to) throws StorageException {
            if (!left.contains("rename")) {
                files.rename(from, to);
            }
        }

        @Override
        public void syncFolder(Path folder) throws StorageException {
            if (!left.contains("syncFolder")) {
                files.syncFolder(folder);
            }
        }
    }

    /** Nobody is there to obey. */
    private static final class Alone implements ReservationHome.Surroundings {
        @Override
        public void publish(Access access, Set<UUID> aborted, Runnable done) {
            done.run();
        }

        @Override
        public void tell(List<Outcome.Notice> notices) {}
    }

    private long states;

    private static ReservationRequest command(SimRandom random, long key) {
        long other = 1 + random.below(3);
        ReservationType type = ReservationType.of(1 + random.below(6));
        return switch (random.below(9)) {
            case 0, 1, 2 -> new Register(Registering.REGISTER, false, random.oneIn(6) ? random.oneIn(2) : null, 0, other);
            case 3 -> new Register(Registering.REPLACE, true, true, 0, other);
            case 4 -> new Register(Registering.UNREGISTER, true, null, 0, 0);
            case 5 -> new Acquire(Acquiring.ACQUIRE, type, key, 0);
            case 6 -> new Acquire(Acquiring.PREEMPT, type, key, other);
            case 7 -> new Release(type, key);
            default -> random.oneIn(3) ? new Clear(key) : new Acquire(Acquiring.ACQUIRE, type, key, 0);
        };
    }

    private void cutEverywhere(SimWorld world, Set<String> left) throws Exception {
        WriteRecorder recorder = world.environment().files().record();
        var file = new ReservationFile(new Lazy(world.environment().files(), left), PATH, NAMESPACE);
        var home = new ReservationHome(world.reactor(0), world.environment().threads().background(), file, file.load(),
            new Alone());
        var told = new ArrayList<ReservationState>(List.of(ReservationState.EMPTY));
        recorder.mark(0);
        for (int i = 0; i < COMMANDS; i++) {
            UUID host = new UUID(0, world.random().below(3));
            Registration mine = home.state().find(host);
            var answer = new CompletableFuture<Integer>();
            home.execute(host, command(world.random(), mine == null ? 0 : mine.key()), answer::complete);
            world.until(answer::isDone);
            told.add(kept(home.state()));
            recorder.mark(told.size() - 1);
        }
        var report = new PowerCut(recorder, world.random(), 200).checkAll(state -> {
            int last = (int) recorder.markAt(state.instant());
            try (var after = new SimEnvironment(new SimRandom(1), 1)) {
                state.openIn(after);
                boolean isThere = after.files().exists(PATH);
                assertTrue(isThere || last < 0, "the file is gone");
                if (isThere && last >= 0) {
                    ReservationState found = new ReservationFile(after.files(), PATH, NAMESPACE).load();
                    ReservationState next = told.get(Math.min(last + 1, told.size() - 1));
                    assertTrue(found.equals(told.get(last)) || found.equals(next),
                        found + " is neither " + told.get(last) + " nor " + next);
                }
            }
        });
        states += report.distinct();
    }

    /** What a power loss leaves of a state. */
    private static ReservationState kept(ReservationState state) {
        return state.persistent() ? state : ReservationState.EMPTY;
    }

    @Test
    void shouldComeBackWithTheLastStateOrTheNextWhenPowerIsCut() {
        SimWorld.run(1, SEEDS, 1, world -> cutEverywhere(world, Set.of()));
        assertTrue(states > 20L * SEEDS || Long.getLong("karst.sim.seed") != null, states + " states are too few to tell");
    }

    @Test
    void shouldFailWhenAStepOfTheReplacementIsLeftOut() {
        for (String step : List.of("sync", "rename", "syncFolder")) {
            assertThrows(AssertionError.class,
                () -> SimWorld.run(1, SEEDS, 1, world -> cutEverywhere(world, Set.of(step))), step);
        }
    }

    @Test
    void shouldFailWhenTheDiskLiesAboutSync() {
        assertThrows(AssertionError.class, () -> SimWorld.run(1, SEEDS, 1, world -> {
            world.faults().lyingSync = true;
            cutEverywhere(world, Set.of());
        }));
    }
}
