package dev.karst.config.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.config.state.StateFolder.Saved;
import dev.karst.env.sim.SimEnvironment;
import dev.karst.env.sim.SimRandom;
import dev.karst.rpc.ConfigSource.Call;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is kept comes back; what is damaged is told, and as much as can be had comes back. */
class KeptStateTest {
    private static final Path STATE = Pairs.FOLDER.resolve("state.json");
    private static final Path BACKUP = Pairs.FOLDER.resolve("state.backup.json");
    private static final Path JOURNAL = Pairs.FOLDER.resolve("journal");
    private static final int MOST = 1 << 20;

    private final SimEnvironment environment = new SimEnvironment(new SimRandom(1), 1);

    @AfterEach
    void close() {
        environment.close();
    }

    private Pairs start() throws Exception {
        return Pairs.start(environment.files());
    }

    private byte[] read(Path path) throws StorageException {
        return environment.files().read(path, MOST);
    }

    private void write(Path path, byte[] content) throws StorageException {
        environment.files().replace(path, content);
    }

    private void write(Path path, String content) throws StorageException {
        write(path, content.getBytes(StandardCharsets.UTF_8));
    }

    private Pairs withFour() throws Exception {
        Pairs pairs = start();
        for (int i = 0; i < 4; i++) {
            pairs.putDurably("p" + i, i);
        }
        return pairs;
    }

    @Test
    void shouldHoldAllWhenStartedAgainAndAgain() throws Exception {
        Pairs pairs = start();
        for (int i = 0; i < 40; i++) {
            pairs.putDurably("p" + i % 7, i);
            pairs = i % 9 == 0 ? start() : pairs;
        }
        assertEquals(pairs.held, start().held);
        assertEquals(7, pairs.held.size());
    }

    @Test
    void shouldBeginANewJournalWhenTheOldOneIsFull() throws Exception {
        Pairs pairs = start();
        long before = SavedConfig.read(read(STATE), "it").generation();
        for (int i = 0; i < 20; i++) {
            pairs.putDurably("p", i);
        }
        assertTrue(SavedConfig.read(read(STATE), "it").generation() >= before + 3);
        assertEquals(Pairs.SMALL.journal(), read(JOURNAL).length);
    }

    @Test
    void shouldGrowTheJournalWhileALayerIsAway() throws Exception {
        Pairs pairs = withFour();
        pairs.registry.sources.clear();
        byte[] before = read(STATE);
        for (int i = 0; i < 20; i++) {
            pairs.putDurably("p" + i, i);
        }
        assertEquals(new String(before, StandardCharsets.UTF_8), new String(read(STATE), StandardCharsets.UTF_8));
        assertEquals(20, start().held.size());
        var refusal = assertThrows(StorageException.class, () -> {
            for (int i = 0; i < 100; i++) {
                pairs.putDurably("q", i);
            }
        });
        assertEquals(-Errno.ENOSPC, refusal.code());
    }

    @Test
    void shouldKeepWhatALayerLostThatNobodyTookAway() throws Exception {
        Pairs pairs = withFour();
        pairs.held.clear();
        pairs.whole = false;
        for (int i = 0; i < 20; i++) {
            pairs.putDurably("q", i);
        }
        assertEquals(5, start().held.size());
    }

    @Test
    void shouldNotBelieveANewLayerInPlaceOfTheOld() throws Exception {
        Pairs pairs = withFour();
        pairs.registry.sources.clear();
        pairs.registry.sources.add(new Pairs(environment.files()));
        for (int i = 0; i < 8; i++) {
            pairs.putDurably("q", i);
        }
        assertEquals(5, start().held.size());
    }

    @Test
    void shouldRefuseChangesWhileThereIsNoRoomAndTakeThemAgainLater() throws Exception {
        Pairs pairs = withFour();
        environment.faults().diskBytes = 0;
        var refusal = assertThrows(StorageException.class, () -> {
            for (int i = 0; i < 20; i++) {
                pairs.putDurably("p0", 100 + i);
            }
        });
        assertEquals(-Errno.ENOSPC, refusal.code());
        Map<String, Long> held = Map.copyOf(pairs.held);
        assertEquals(held, Pairs.load(environment.files()).held);
        environment.faults().diskBytes = Long.MAX_VALUE;
        pairs.putDurably("p0", 7);
        assertEquals(7, start().held.get("p0"));
    }

    @Test
    void shouldWriteOneGroupWhenSeveralWait() throws Exception {
        Pairs pairs = start();
        byte[] before = read(JOURNAL);
        List<Long> numbers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            numbers.add(pairs.put("p" + i, i));
        }
        assertEquals(-1, Arrays.mismatch(before, read(JOURNAL)), "nothing is written before somebody waits");
        pairs.kept.await(numbers.getLast());
        byte[] after = read(JOURNAL);
        assertEquals(5, Group.decode(after, Group.SECTOR).calls().size());
        for (long number : numbers) {
            pairs.kept.await(number);
        }
        assertEquals(-1, Arrays.mismatch(after, read(JOURNAL)));
    }

    @Test
    void shouldKeepAllWhenManyThreadsChangeAndWaitAtOnce() throws Exception {
        Pairs pairs = start();
        var order = new ReentrantLock();
        List<Future<?>> clients = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int client = 0; client < 8; client++) {
                String name = "client" + client;
                clients.add(threads.submit(() -> {
                    for (long i = 0; i < 100; i++) {
                        long change;
                        order.lock();
                        try {
                            change = pairs.put(name, i);
                        } finally {
                            order.unlock();
                        }
                        pairs.kept.await(change);
                    }
                    return null;
                }));
            }
        }
        for (Future<?> client : clients) {
            client.get();
        }
        Pairs again = start();
        assertEquals(pairs.held, again.held);
        assertEquals(List.of(99L), again.held.values().stream().distinct().toList());
    }

    @Test
    void shouldKeepWhatIsBeforeWhenTheJournalIsDamagedInTheMiddle() throws Exception {
        withFour();
        byte[] journal = read(JOURNAL);
        for (int at = 2 * Group.SECTOR; at < 2 * Group.SECTOR + Group.HEAD + 30; at++) {
            byte[] damaged = journal.clone();
            damaged[at] ^= 4;
            write(JOURNAL, damaged);
            Pairs pairs = new Pairs(environment.files());
            Saved saved = pairs.load();
            assertEquals(Map.of("p0", 0L), pairs.held);
            assertTrue(saved.notes().getFirst().contains("damaged at byte 1024"), saved.notes().toString());
            assertEquals(-1, Arrays.mismatch(damaged, read(Pairs.FOLDER.resolve("journal.damaged"))));
        }
    }

    @Test
    void shouldSayNothingWhenOnlyTheLastRecordIsTorn() throws Exception {
        withFour();
        byte[] journal = read(JOURNAL);
        journal[4 * Group.SECTOR + Group.HEAD + 3] ^= 1;
        write(JOURNAL, journal);
        Pairs pairs = new Pairs(environment.files());
        assertEquals(List.of(), pairs.load().notes());
        assertEquals(3, pairs.held.size());
        for (int length = 0; length < 4 * Group.SECTOR; length += 100) {
            write(JOURNAL, Arrays.copyOf(journal, length));
            assertTrue(Pairs.load(environment.files()).held.size() <= 3);
        }
    }

    @Test
    void shouldTakeTheCopyWhenTheStateIsDamaged() throws Exception {
        withFour();
        String sound = new String(read(STATE), StandardCharsets.UTF_8);
        for (String bad : List.of("", "{", sound.substring(0, sound.length() / 2), sound.replace("\"version\": 1", "\"version\": 2"),
            sound.replace("\"subsystems\"", "\"karst\""))) {
            write(STATE, bad);
            Pairs pairs = new Pairs(environment.files());
            Saved saved = pairs.load();
            assertEquals(4, pairs.held.size(), bad);
            assertEquals(2, saved.notes().size());
            assertEquals(bad, new String(read(Pairs.FOLDER.resolve("state.json.damaged")), StandardCharsets.UTF_8));
        }
    }

    @Test
    void shouldTouchNothingWhenStateAndCopyAreDamaged() throws Exception {
        withFour();
        write(STATE, "{");
        write(BACKUP, "[]");
        byte[] journal = read(JOURNAL);
        var e = assertThrows(IOException.class, () -> start());
        assertTrue(e.getMessage().contains("state.json, line 1") && e.getMessage().contains("state.backup.json: the whole"), e.getMessage());
        assertEquals(-1, Arrays.mismatch(journal, read(JOURNAL)));
        assertFalse(environment.files().exists(Pairs.FOLDER.resolve("state.json.damaged")));
    }

    @Test
    void shouldPassOverAJournalThatBelongsToAnotherState() throws Exception {
        withFour();
        write(STATE, "{\"subsystems\": [{\"subsystem\": \"pairs\", \"config\": [{\"method\": \"pair_put\", \"params\": "
            + "{\"name\": \"mine\", \"value\": 5}}]}]}");
        Pairs pairs = new Pairs(environment.files());
        assertTrue(pairs.load().notes().getFirst().contains("generation"));
        assertEquals(Map.of("mine", 5L), pairs.held);
        pairs.kept.begin();
        pairs.putDurably("more", 6);
        assertEquals(Map.of("mine", 5L, "more", 6L), start().held);
    }

    @Test
    void shouldGoOnWithTheSameJournalWhenItsBundleWasReplaced() throws Exception {
        Pairs pairs = withFour();
        Saved saved = pairs.folder.load();
        pairs.layers.distrust();
        pairs.kept = new KeptState(pairs.folder, pairs.layers, Pairs.SMALL, saved, List.of());
        pairs.kept.resume(saved);
        for (int i = 0; i < 12; i++) {
            pairs.putDurably("q" + i, i);
        }
        assertEquals(16, start().held.size());
    }

    @Test
    void shouldKeepWhatWasLeftOutUntilItIsForgotten() throws Exception {
        Pairs pairs = start();
        List<Call> left = List.of(Call.of("pair_put", "name", "left", "value", 1L));
        pairs.kept = new KeptState(pairs.folder, pairs.layers, Pairs.SMALL, pairs.folder.load(), left);
        pairs.kept.begin();
        assertEquals(left, pairs.folder.load().config().leftOut());
        assertEquals(Map.of("left", 1L), Pairs.load(environment.files()).held);
        pairs.kept.forgetLeftOut();
        assertEquals(List.of(), pairs.folder.load().config().leftOut());
    }
}
