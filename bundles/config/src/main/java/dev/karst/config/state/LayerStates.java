package dev.karst.config.state;

import dev.karst.config.state.SavedConfig.Section;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.RpcRegistry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The state of the layers, for a snapshot, as long as all that were there still are. A layer that was replaced has forgotten
 * what it held; then the state on the disk knows more than the layers do, until the next start. Control threads.
 */
public final class LayerStates {
    private final RpcRegistry registry;
    private final Set<ConfigSource> known = Collections.newSetFromMap(new IdentityHashMap<>());
    private boolean trusted = true;

    /** The layers of a registry, of which none is known yet. */
    public LayerStates(RpcRegistry registry) {
        this.registry = registry;
    }

    /** Something was played into the layers that are there now. */
    public synchronized void played() {
        known.addAll(registry.configSources());
    }

    /** A layer goes whose state is kept elsewhere until it is back. */
    synchronized void leaves(ConfigSource source) {
        known.remove(source);
    }

    /** What was played is not known: there are no snapshots until the next start. */
    public synchronized void distrust() {
        trusted = false;
    }

    /**
     * The layers' calls in the order of their dependencies; empty when a layer has gone since something was played, or says that
     * it lost something.
     */
    synchronized Optional<List<Section>> sections() {
        List<ConfigSource> now = registry.configSources();
        Set<ConfigSource> missing = Collections.newSetFromMap(new IdentityHashMap<>());
        missing.addAll(known);
        now.forEach(missing::remove);
        if (!trusted || !missing.isEmpty() || !now.stream().allMatch(ConfigSource::isWhole)) {
            return Optional.empty();
        }
        known.addAll(now);
        Map<String, List<Call>> calls = new LinkedHashMap<>();
        now.forEach(source -> calls.computeIfAbsent(source.subsystem(), name -> new ArrayList<>()).addAll(source.calls()));
        List<Section> sections = new ArrayList<>();
        calls.forEach((name, own) -> sections.add(new Section(name, List.copyOf(own))));
        return Optional.of(sections);
    }
}
