package dev.karst.config;

import dev.karst.base.StorageException;
import dev.karst.config.state.KeptState;
import dev.karst.config.state.LayerStates;
import dev.karst.config.state.SavedConfig;
import dev.karst.config.state.SavedConfig.Section;
import dev.karst.config.state.StateFolder;
import dev.karst.config.state.StateFolder.Saved;
import dev.karst.rpc.ChangeJournal;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.RpcRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A start: plays the saved state or, if there is none, the configuration file, and gives who keeps what changes from then on.
 * The file becomes the first saved state when all of it could be played, else with the first change: until then it can be
 * mended and played again.
 */
final class Startup {
    private static final System.Logger LOG = System.getLogger(Startup.class.getName());

    private final StartupState state;
    private final StateFolder folder;
    private final KeptState.Limits limits;
    private final LayerStates layers;
    private final StartupPlayer player;
    private final RpcRegistry registry;
    private final ContainerPhase phase;
    private final long waitNanos;
    private volatile RpcRegistry.Watch layerWatch = () -> {};

    /**
     * @param waitNanos how long absent methods, and those that answer EAGAIN, are waited for in all
     */
    Startup(RpcRegistry registry, StartupState state, StateFolder folder, KeptState.Limits limits, long waitNanos,
        ContainerPhase phase) {
        this.state = state;
        this.folder = folder;
        this.limits = limits;
        this.layers = new LayerStates(registry);
        this.player = new StartupPlayer(registry, state, waitNanos, phase::isStarting, layers::played, _ -> false)
            .awaitingBundles();
        this.registry = registry;
        this.phase = phase;
        this.waitNanos = waitNanos;
    }

    /**
     * Ends the play after the call that it is at; layers that go and come are not looked after any more. Gives the layers that are there,
     * for {@link #resume}.
     */
    String stop() {
        player.stop();
        layerWatch.close();
        return registry.configSources().stream().map(Startup::identity).collect(Collectors.joining(" "));
    }

    /** A layer that is restarted is another object. */
    private static String identity(ConfigSource layer) {
        return layer.subsystem() + "@" + System.identityHashCode(layer);
    }

    /** Plays; null when it was stopped before the end. */
    ChangeJournal play(Path file) {
        try {
            Saved saved = load();
            if (saved.isThere() && Files.exists(file)) {
                LOG.log(System.Logger.Level.INFO, "configuration: there is a saved state, " + file + " is not read");
            }
            List<Call> calls = saved.isThere() ? saved.calls() : read(file);
            state.from(saved.isThere() ? folder.path().toString() : file.toString(), saved.isThere());
            if (!player.play(calls)) {
                return null;
            }
            LOG.log(System.Logger.Level.INFO, "configuration: " + (saved.isThere() ? folder.path() : file) + ": "
                + state.calls() + " calls, " + state.failedCalls() + " left out");
            return keep(saved, saved.isThere() || state.failedCalls() == 0);
        } catch (IOException | StorageException e) {
            return refuse(e);
        }
    }

    /**
     * Goes on where this bundle was replaced: layers that were there then hold what was played, and others, which were restarted as well,
     * get it back.
     *
     * @param before the layers that were there then
     */
    ChangeJournal resume(String before) {
        try {
            Saved saved = load();
            if (!saved.isThere()) {
                return keep(saved, false);
            }
            layers.distrust();
            KeptState kept = new KeptState(folder, layers, limits, saved, saved.config().leftOut());
            kept.resume(saved);
            Set<String> known = Set.of(before.split(" "));
            Set<String> held = registry.configSources().stream().filter(layer -> known.contains(identity(layer)))
                .map(ConfigSource::subsystem).collect(Collectors.toSet());
            saved.config().sections().stream().map(Section::subsystem).filter(subsystem -> !held.contains(subsystem)).forEach(kept::lost);
            return kept(kept);
        } catch (IOException | StorageException e) {
            return refuse(e);
        }
    }

    private Saved load() throws IOException, StorageException {
        Saved saved = folder.load();
        for (String note : saved.notes()) {
            LOG.log(System.Logger.Level.WARNING, "configuration: " + note);
            state.note(note);
        }
        return saved;
    }

    private static List<Call> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        try (InputStream input = Files.newInputStream(file)) {
            return SavedConfig.read(input, file.toString()).calls(List.of());
        }
    }

    private ChangeJournal keep(Saved saved, boolean now) {
        layers.played();
        KeptState kept = new KeptState(folder, layers, limits, saved, state.leftOut());
        if (now) {
            kept.begin();
        }
        return kept(kept);
    }

    private ChangeJournal kept(KeptState kept) {
        state.keptBy(kept);
        RestartedLayers restarted = new RestartedLayers(registry, state, kept, phase::isStopping, waitNanos);
        layerWatch = registry.watchLayers(restarted);
        state.end(null);
        registry.configSources().forEach(restarted::arrived);
        return kept;
    }

    /** What stands for a journal where nothing can be kept. */
    ChangeJournal refuse(Exception e) {
        LOG.log(System.Logger.Level.ERROR, "configuration: nothing was played: " + e.getMessage());
        state.end(e.getMessage());
        return new RefusingJournal(e.getMessage());
    }
}
