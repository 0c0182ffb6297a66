package dev.karst.config.state;

import dev.karst.base.StorageException;
import dev.karst.config.state.StateFolder.Saved;
import dev.karst.env.Files;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A layer that holds names with numbers, and who keeps them in a folder. */
public final class Pairs implements ConfigSource {
    static final Path FOLDER = Path.of("/data/state");
    static final String PUT = "pair_put";
    static final String REMOVE = "pair_remove";
    /** Room for a few changes. */
    static final KeptState.Limits SMALL = new KeptState.Limits(8 * 512, 1024, 64 * 512);

    final Map<String, Long> held = new TreeMap<>();
    /** Whether nothing was lost. */
    boolean whole = true;
    final FakeRegistry registry = new FakeRegistry();
    final LayerStates layers = new LayerStates(registry);
    final StateFolder folder;
    KeptState kept;

    Pairs(Files files) {
        folder = new StateFolder(files, FOLDER);
        registry.sources.add(this);
    }

    /** A layer for a registry that gets its methods. */
    public Pairs(Files files, FakeRegistry registry) {
        this(files);
        registry.add(RpcMethod.named(PUT, "pairs", "put", "Sets a pair")
            .takes(RpcParameter.required("name", RpcParameter.Type.STRING, "Its name")).saved()
            .does(call -> held.put(call.string("name"), call.number("value"))));
    }

    /** What is held now. */
    public Map<String, Long> held() {
        return held;
    }

    @Override
    public String subsystem() {
        return "pairs";
    }

    @Override
    public boolean isWhole() {
        return whole;
    }

    @Override
    public List<String> after() {
        return List.of();
    }

    @Override
    public List<Call> calls() {
        List<Call> calls = new ArrayList<>();
        held.forEach((name, value) -> calls.add(Call.of(PUT, "name", name, "value", value)));
        return calls;
    }

    /** What was saved, played into a new layer; the layer keeps nothing yet. */
    static Pairs load(Files files) throws StorageException, IOException {
        Pairs pairs = new Pairs(files);
        pairs.load();
        return pairs;
    }

    Saved load() throws StorageException, IOException {
        Saved saved = folder.load();
        (saved.isThere() ? saved.calls() : List.<Call>of()).forEach(this::play);
        kept = new KeptState(folder, layers, SMALL, saved, List.of());
        layers.played();
        return saved;
    }

    /** The same, and it keeps changes. */
    static Pairs start(Files files) throws StorageException, IOException {
        Pairs pairs = load(files);
        pairs.kept.begin();
        return pairs;
    }

    private void play(Call call) {
        String name = (String) call.parameters().get("name");
        if (call.method().equals(PUT)) {
            held.put(name, (Long) call.parameters().get("value"));
        } else {
            held.remove(name);
        }
    }

    /** Makes a change; gives its number. */
    long put(String name, long value) throws StorageException {
        return change(Call.of(PUT, "name", name, "value", value));
    }

    long remove(String name) throws StorageException {
        return change(Call.of(REMOVE, "name", name));
    }

    private long change(Call call) throws StorageException {
        kept.reserve();
        play(call);
        return kept.append(call.method(), call.parameters());
    }

    /** Makes a change and waits until it is durable. */
    void putDurably(String name, long value) throws StorageException {
        kept.await(put(name, value));
    }
}
