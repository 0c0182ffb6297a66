package dev.karst.config;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.config.state.FakeRegistry;
import dev.karst.config.state.KeptState;
import dev.karst.config.state.Pairs;
import dev.karst.config.state.StateFolder;
import dev.karst.env.sim.SimEnvironment;
import dev.karst.env.sim.SimRandom;
import dev.karst.rpc.ChangeJournal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is played at a start, and what becomes the saved state. */
class StartupTest {
    private static final Path FOLDER = Path.of("/data/state");

    private final SimEnvironment environment = new SimEnvironment(new SimRandom(1), 1);
    private FakeRegistry registry;
    private Pairs pairs;
    private StartupState state;
    private Startup startup;
    @TempDir
    private Path etc;

    @BeforeEach
    void boot() {
        registry = new FakeRegistry();
        pairs = new Pairs(environment.files(), registry);
        registry.sources.add(pairs);
        start();
    }

    /** This bundle alone. */
    private void start() {
        state = new StartupState();
        StateFolder folder = new StateFolder(environment.files(), FOLDER);
        startup = new Startup(registry, state, folder, KeptState.Limits.USUAL, 1, new Phase(false, false));
    }

    @AfterEach
    void close() {
        environment.close();
    }

    private record Phase(boolean isStarting, boolean isStopping) implements ContainerPhase {}

    private static String put(String name, long value) {
        return "{\"method\": \"pair_put\", \"params\": {\"name\": \"%s\", \"value\": %d}}".formatted(name, value);
    }

    private Path file(String... calls) throws Exception {
        String text = "{\"subsystems\": [{\"subsystem\": \"pairs\", \"config\": [" + String.join(", ", calls) + "]}]}";
        return Files.writeString(etc.resolve("karst.json"), text);
    }

    private static void change(ChangeJournal journal, String name, long value) throws StorageException {
        journal.reserve();
        journal.await(journal.append("pair_put", Map.of("name", name, "value", value)));
    }

    private boolean isSaved() {
        return environment.files().exists(FOLDER.resolve("state.json"));
    }

    @Test
    void shouldMakeTheFileTheFirstStateWhenAllOfItIsPlayed() throws Exception {
        startup.play(file(put("a", 1)));
        assertTrue(isSaved());
        boot();
        startup.play(file(put("b", 2)));
        assertEquals(Map.of("a", 1L), pairs.held());
    }

    @Test
    void shouldReadTheFileAgainWhenACallFailedAndNothingWasChanged() throws Exception {
        startup.play(file(put("a", 1), "{\"method\": \"none_create\"}"));
        assertFalse(isSaved());
        boot();
        startup.play(file(put("b", 2)));
        assertEquals(Map.of("b", 2L), pairs.held());
    }

    @Test
    void shouldKeepWhatFailedAndTryItAgainWhenSomethingWasChanged() throws Exception {
        ChangeJournal journal = startup.play(file(put("a", 1), "{\"method\": \"none_create\", \"params\": {\"x\": 1}}"));
        change(journal, "b", 2);
        assertTrue(isSaved());
        boot();
        startup.play(file());
        assertEquals(Map.of("a", 1L, "b", 2L), pairs.held());
        assertEquals(List.of("none_create"), state.leftOut().stream().map(call -> call.method()).toList());
        boot();
        registry.add("none_create");
        startup.play(file());
        assertEquals(List.of("none_create"), registry.called);
        assertEquals(List.of(), state.leftOut());
    }

    @Test
    void shouldRefuseChangesAndSayWhyWhenTheFileIsNoJson() throws Exception {
        ChangeJournal journal = startup.play(Files.writeString(etc.resolve("karst.json"), "{"));
        assertEquals(-Errno.EROFS, assertThrows(StorageException.class, journal::reserve).code());
        assertInstanceOf(RefusingJournal.class, journal);
        assertFalse(isSaved());
    }

    @Test
    void shouldNotPlayAgainWhenItsBundleIsReplaced() throws Exception {
        ChangeJournal journal = startup.play(file(put("a", 1)));
        change(journal, "b", 2);
        String layers = startup.stop();
        start();
        ChangeJournal resumed = startup.resume(layers);
        change(resumed, "c", 3);
        assertEquals(Map.of("a", 1L), pairs.held());
        boot();
        startup.play(file());
        assertEquals(Map.of("a", 1L, "b", 2L, "c", 3L), pairs.held());
    }

    @Test
    void shouldBringBackWhatALayerHeldWhenItWasRestartedWithThisBundle() throws Exception {
        change(startup.play(file(put("a", 1))), "b", 2);
        String layers = startup.stop();
        boot();
        ChangeJournal resumed = startup.resume(layers);
        // A change waits until the layer is as it was.
        change(resumed, "c", 3);
        assertEquals(Map.of("a", 1L, "b", 2L), pairs.held());
        boot();
        startup.play(file());
        assertEquals(Map.of("a", 1L, "b", 2L, "c", 3L), pairs.held());
    }

    /** Changes what the layer holds as well. */
    private void make(ChangeJournal journal, String name, long value) throws StorageException {
        change(journal, name, value);
        pairs.held().put(name, value);
    }

    private void restartLayer() {
        registry.leave(pairs);
        pairs = new Pairs(environment.files(), registry);
        registry.arrive(pairs);
    }

    @Test
    void shouldBringBackWhatALayerHeldWhenItIsRestarted() throws Exception {
        ChangeJournal journal = startup.play(file(put("a", 1)));
        make(journal, "b", 2);
        restartLayer();
        // A change waits until the layer is as it was.
        make(journal, "c", 3);
        assertEquals(Map.of("a", 1L, "b", 2L, "c", 3L), pairs.held());
        restartLayer();
        make(journal, "a", 4);
        boot();
        startup.play(file());
        assertEquals(Map.of("a", 4L, "b", 2L, "c", 3L), pairs.held());
    }

    @Test
    void shouldTryAgainAtTheNextStartWhenACallFailsAfterARestart() throws Exception {
        ChangeJournal journal = startup.play(file(put("a", 1), put("b", 2)));
        registry.leave(pairs);
        pairs = new Pairs(environment.files(), registry);
        registry.failing = "b";
        registry.arrive(pairs);
        make(journal, "c", 3);
        assertEquals(Map.of("a", 1L, "c", 3L), pairs.held());
        assertEquals(1, state.failedCalls());
        boot();
        startup.play(file());
        assertEquals(Map.of("a", 1L, "b", 2L, "c", 3L), pairs.held());
    }

    @Test
    void shouldBringBackALayerAfterTheNextStartWhenItCannotBeSavedAsItGoes() throws Exception {
        ChangeJournal journal = startup.play(file(put("a", 1)));
        make(journal, "b", 2);
        environment.faults().diskBytes = 0;
        restartLayer();
        environment.faults().diskBytes = Long.MAX_VALUE;
        assertEquals(Map.of(), pairs.held());
        boot();
        startup.play(file());
        assertEquals(Map.of("a", 1L, "b", 2L), pairs.held());
    }

    @Test
    void shouldSaveNothingOfALayerThatGoesBecauseAllGoes() throws Exception {
        startup = new Startup(registry, state, new StateFolder(environment.files(), FOLDER), KeptState.Limits.USUAL, 1,
            new Phase(false, true));
        make(startup.play(file(put("a", 1))), "b", 2);
        byte[] before = environment.files().read(FOLDER.resolve("state.json"), 1 << 20);
        registry.leave(pairs);
        assertArrayEquals(before, environment.files().read(FOLDER.resolve("state.json"), 1 << 20));
    }

    @Test
    void shouldPlayWhatIsSoundWhenTheSavedStateIsDamaged() throws Exception {
        change(startup.play(file(put("a", 1))), "b", 2);
        environment.files().replace(FOLDER.resolve("state.json"), "{".getBytes(StandardCharsets.UTF_8));
        boot();
        startup.play(file());
        assertEquals(Map.of("a", 1L, "b", 2L), pairs.held());
    }
}
