package dev.karst.log;

import dev.karst.base.StorageException;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** SPDK's methods about logging. Any control thread; changes one after the other. */
public final class LogMethods implements RpcMethods {
    private static final String SCOPE = "log";
    private static final String ALL = "all";
    private static final RpcParameter LEVEL =
        RpcParameter.required("level", Type.ENUM, "SPDK's level").oneOf(LogSettings.LEVELS.toArray(String[]::new));
    private static final RpcParameter FLAG = RpcParameter.required("flag", Type.STRING, "A flag, or all");

    private final Store store;

    /** Where the settings of the log are kept. */
    public interface Store {
        /**
         * A copy of all settings, by their names.
         *
         * @throws StorageException EIO when they cannot be read, EAGAIN when they cannot be read yet
         */
        Map<String, Object> read() throws StorageException;

        /**
         * From now on these hold.
         *
         * @throws StorageException EIO when they cannot be kept
         */
        void write(Map<String, Object> settings) throws StorageException;

        /** The bundles of Karst that run, without what their names have in common, such as {@code bdev.malloc}. */
        List<String> bundles();
    }

    /** Methods on these settings. */
    public LogMethods(Store store) {
        this.store = store;
    }

    @Override
    public List<RpcMethod> methods() {
        return List.of(
            getter("log_get_level", "level-get", "Gives the level from which the log file is written", LogSettings::level),
            setter("log_set_level", "level-set", "Sets from which level the log file is written, in SPDK's words",
                LogSettings::level),
            getter("log_get_print_level", "print-level-get", "Gives the level from which the console is written",
                LogSettings::printLevel),
            setter("log_set_print_level", "print-level-set", "Sets from which level the console is written, in SPDK's words",
                LogSettings::printLevel),
            RpcMethod.named("log_get_flags", SCOPE, "flag-list", "Lists bundles, and whether each logs at DEBUG")
                .readOnly()
                .does(_ -> flags()),
            RpcMethod.named("log_set_flag", SCOPE, "flag-set", "Lets a bundle log at DEBUG")
                .takes(FLAG)
                .does(call -> turn(call, true)),
            RpcMethod.named("log_clear_flag", SCOPE, "flag-clear", "Lets a bundle log as all do")
                .takes(FLAG)
                .does(call -> turn(call, false)),
            RpcMethod.named("log_enable_timestamps", SCOPE, "timestamps-set", "Sets whether lines of the log begin with the time")
                .takes(RpcParameter.required("enabled", Type.BOOLEAN, "Whether they do"))
                .does(call -> change(settings -> settings.timestamps(call.flag("enabled", true)))));
    }

    private RpcMethod getter(String name, String command, String doc, Function<LogSettings, String> getter) {
        return RpcMethod.named(name, SCOPE, command, doc)
            .readOnly()
            .does(_ -> getter.apply(new LogSettings(store.read())));
    }

    /** Sets a level. */
    @FunctionalInterface
    private interface Setter {
        void set(LogSettings settings, String level);
    }

    private RpcMethod setter(String name, String command, String doc, Setter setter) {
        return RpcMethod.named(name, SCOPE, command, doc)
            .takes(LEVEL)
            .does(call -> change(settings -> setter.set(settings, call.string("level").toUpperCase(Locale.ROOT))));
    }

    private synchronized Object change(Consumer<LogSettings> change) throws StorageException {
        Map<String, Object> settings = store.read();
        change.accept(new LogSettings(settings));
        store.write(settings);
        return true;
    }

    private Object flags() throws StorageException {
        LogSettings settings = new LogSettings(store.read());
        Map<String, Object> flags = new LinkedHashMap<>();
        store.bundles().stream().sorted().forEach(bundle -> flags.put(LogSettings.flag(bundle), settings.isOn(bundle)));
        return flags;
    }

    private Object turn(RpcCall call, boolean on) throws StorageException {
        String flag = call.string("flag");
        List<String> bundles = store.bundles().stream()
            .filter(bundle -> flag.equals(ALL) || flag.equals(LogSettings.flag(bundle))).toList();
        if (bundles.isEmpty()) {
            throw RpcError.invalidParameters("Invalid parameters: there is no flag " + flag + "; log_get_flags lists them");
        }
        return change(settings -> bundles.forEach(bundle -> settings.turn(bundle, on)));
    }
}
