package dev.karst.rpc.core;

import static dev.karst.rpc.RpcParameter.optional;
import static dev.karst.rpc.RpcParameter.required;

import dev.karst.base.StorageException;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcRegistry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Version;

/** SPDK's methods about the target as a whole. */
final class FrameworkMethods implements RpcMethods {
    /** SPDK's words. */
    private static final String TOO_LATE = "Method may only be called before framework is initialized. "
        + "Use --wait-for-rpc command line parameter and then issue this RPC before the framework_start_init RPC.";
    private static final String SCOPE = "karst";
    private static final String START_INIT = "framework_start_init";

    private final RpcRegistry registry;
    private final Host host;
    private final StartupGate startup;

    /**
     * What the methods need of the process.
     *
     * @param version of Karst
     * @param stop begins an orderly stop and returns at once
     * @param start whether the start waits
     */
    record Host(Version version, Runnable stop, HeldStart start) {
        static Host of(BundleContext context) {
            return new Host(context.getBundle().getVersion(), () -> stop(context.getBundle(0)), HeldStart.ofProcess());
        }

        private static void stop(Bundle framework) {
            try {
                framework.stop();
            } catch (BundleException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    FrameworkMethods(RpcRegistry registry, Host host) {
        this.registry = registry;
        this.host = host;
        this.startup = new StartupGate(registry, host.start());
    }

    @Override
    public List<RpcMethod> methods() {
        return List.of(
            getMethods(), getVersion(), getSubsystems(), getConfig(), waitInit(), startInit(), killInstance());
    }

    private RpcMethod getMethods() {
        return RpcMethod.named("rpc_get_methods", SCOPE, "method-names", "Lists the names of all methods")
            .takes(
                optional("current", RpcParameter.Type.BOOLEAN, "Only what may be called in this state")
                    .initially("false"),
                optional("include_aliases", RpcParameter.Type.BOOLEAN, "Former names too; here there are none")
                    .initially("false"))
            .readOnly()
            .does(call -> registry.methods().stream()
                .filter(method -> !call.flag("current", false) || isCallable(method)).map(RpcMethod::name).toList());
    }

    /** SPDK's load_config calls whatever may be called. */
    private boolean isCallable(RpcMethod method) {
        return host.start().admits(method) && (host.start().isHeld() || !method.name().equals(START_INIT));
    }

    private RpcMethod getVersion() {
        return RpcMethod.named("spdk_get_version", SCOPE, "version", "Gives the version of the target")
            .readOnly()
            .does(call -> version());
    }

    private Map<String, Object> version() {
        Version version = host.version();
        SequencedMap<String, Object> fields = new LinkedHashMap<>();
        fields.put("major", (long) version.getMajor());
        fields.put("minor", (long) version.getMinor());
        fields.put("patch", (long) version.getMicro());
        fields.put("suffix", version.getQualifier().isEmpty() ? "" : "-" + version.getQualifier());
        String text = version.getMajor() + "." + version.getMinor() + "." + version.getMicro() + fields.get("suffix");
        SequencedMap<String, Object> result = new LinkedHashMap<>();
        result.put("version", "Karst " + text);
        result.put("fields", fields);
        return result;
    }

    private RpcMethod getSubsystems() {
        String doc = "Lists the subsystems that have a configuration";
        return RpcMethod.named("framework_get_subsystems", SCOPE, "subsystem-list", doc)
            .shows("Subsystem", "subsystem")
            .shows("Depends on", "depends_on")
            .readOnly()
            .does(call -> subsystems());
    }

    private List<Map<String, Object>> subsystems() {
        Map<String, Set<String>> needs = new LinkedHashMap<>();
        for (ConfigSource source : registry.configSources()) {
            needs.computeIfAbsent(source.subsystem(), name -> new LinkedHashSet<>()).addAll(source.after());
        }
        List<Map<String, Object>> result = new ArrayList<>();
        needs.forEach((name, after) -> {
            SequencedMap<String, Object> subsystem = new LinkedHashMap<>();
            subsystem.put("subsystem", name);
            // Clients look up each of these in this very list.
            subsystem.put("depends_on", after.stream().filter(needs::containsKey).toList());
            result.add(subsystem);
        });
        return result;
    }

    private RpcMethod getConfig() {
        String doc = "Gives the calls that recreate a subsystem's state";
        return RpcMethod.named("framework_get_config", SCOPE, "subsystem-info", doc)
            .takes(required("name", RpcParameter.Type.STRING, "The subsystem, as framework_get_subsystems lists it")
                    .of(RpcParameter.Kind.LAYER),
                optional("with_batches", RpcParameter.Type.BOOLEAN, "For clients of SPDK; each call is on its own here")
                    .initially("false"))
            .readOnly()
            .does(this::config);
    }

    private Object config(RpcCall call) throws StorageException {
        String name = call.string("name");
        List<ConfigSource> sources =
            registry.configSources().stream().filter(source -> source.subsystem().equals(name)).toList();
        if (sources.isEmpty()) {
            throw RpcError.invalidParameters("Subsystem '" + name + "' not found");
        }
        return sources.stream().flatMap(source -> source.calls().stream()).map(FrameworkMethods::plain).toList();
    }

    private static Map<String, Object> plain(ConfigSource.Call call) {
        SequencedMap<String, Object> result = new LinkedHashMap<>();
        result.put("method", call.method());
        if (!call.parameters().isEmpty()) {
            result.put("params", call.parameters());
        }
        return result;
    }

    private RpcMethod waitInit() {
        String doc = "Answers when the startup configuration has been played";
        return RpcMethod.named("framework_wait_init", SCOPE, "wait", doc)
            .readOnly()
            .runsLong()
            .does(startup::await);
    }

    private RpcMethod startInit() {
        String doc = "Lets a start go on that waits for it (--wait-for-rpc), and answers as framework_wait_init does";
        return RpcMethod.named(START_INIT, SCOPE, "start", doc)
            .runsLong()
            .does(call -> {
                if (!host.start().begin()) {
                    throw new StorageException(RpcError.WRONG_STATE, TOO_LATE);
                }
                return startup.await(call);
            });
    }

    private RpcMethod killInstance() {
        RpcParameter signal = required("sig_name", RpcParameter.Type.ENUM, "The signal");
        String doc = "Stops the target in good order, whatever the signal's name";
        return RpcMethod.named("spdk_kill_instance", SCOPE, "stop", doc)
            .takes(signal.oneOf("SIGINT", "SIGTERM", "SIGQUIT", "SIGHUP"))
            .by(RpcMethod.Role.ADMIN)
            .does(call -> {
                host.stop().run();
                return true;
            });
    }
}
