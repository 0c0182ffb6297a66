package dev.karst.rpc.desired;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Kind;
import dev.karst.rpc.RpcParameter.Type;
import dev.karst.rpc.RpcRegistry;
import dev.karst.rpc.desired.Step.Action;
import java.util.List;
import java.util.Map;

/** {@code karst_plan} and {@code karst_apply}: what a declared state needs, and doing it. */
public final class DesiredMethods implements RpcMethods {
    private static final String SCOPE = "karst";
    private static final int WHOLE = 100;
    private static final RpcParameter STATE = RpcParameter.required("state", Type.OBJECT,
        "What there shall be, in the form of SPDK's save_config; subsystems that it does not name stay as they are")
        .of(Kind.FILE);

    private final RpcRegistry registry;

    public DesiredMethods(RpcRegistry registry) {
        this.registry = registry;
    }

    @Override
    public List<RpcMethod> methods() {
        return List.of(
            shown(RpcMethod.named("karst_plan", SCOPE, "plan", "Shows what would change if a declared state were applied")
                .takes(STATE))
                .readOnly()
                .does(call -> plain(plan(call))),
            shown(RpcMethod.named("karst_apply", SCOPE, "apply", "Makes a declared state so, with as few changes as that takes")
                .takes(STATE,
                    RpcParameter.optional("dry_run", Type.BOOLEAN, "Only show what would change").initially("false"),
                    RpcParameter.optional("force", Type.BOOLEAN,
                        "Take away also what something uses that the state does not tell of").initially("false")))
                .runsLong()
                .does(this::apply));
    }

    private static RpcMethod.Builder shown(RpcMethod.Builder method) {
        return method.shows("ACTION", "action").shows("METHOD", "method").shows("OBJECT", "object").shows("NOTE", "note");
    }

    private List<Map<String, Object>> plain(List<Step> steps) {
        return steps.stream().map(step -> step.plain(parameters(step.call().method()))).toList();
    }

    private List<RpcParameter> parameters(String method) {
        return registry.method(method).map(RpcMethod::parameters).orElse(List.of());
    }

    private List<Step> plan(RpcCall call) throws StorageException {
        Declaration declaration = Declaration.of(registry, call.object("state").parameters());
        State now = new State(registry);
        for (ConfigSource source : registry.configSources()) {
            for (Call made : source.calls()) {
                now.add(source.subsystem(), made);
            }
        }
        now.forgetResting();
        return Planner.steps(registry, now, declaration.state(), declaration.subsystems());
    }

    private Object apply(RpcCall call) throws StorageException {
        List<Step> steps = plan(call);
        if (call.flag("dry_run", false)) {
            return plain(steps);
        }
        String losses = Planner.losses(steps);
        if (!losses.isEmpty() && !call.flag("force", false)) {
            throw StorageException.errno(Errno.EBUSY, "nothing was changed: " + losses + "; force does it all the same");
        }
        for (int done = 0; done < steps.size(); done++) {
            call.progress(WHOLE * done / steps.size());
            if (call.isCancelled()) {
                throw StorageException.errno(Errno.ECANCELED, progressed("cancelled", done, steps.size()));
            }
            take(steps.get(done), done, steps.size());
        }
        return plain(steps);
    }

    private void take(Step step, int done, int all) throws StorageException {
        try {
            if (step.action() != Action.KEEP) {
                registry.call(step.call().method(), step.call().parameters());
            }
        } catch (StorageException e) {
            String what = step.call().method() + " " + step.title() + ": " + e.getMessage();
            throw new StorageException(e.code(), progressed(what, done, all), e);
        }
    }

    private static String progressed(String what, int done, int all) {
        return what + "; " + done + " of " + all + " steps are done, apply again to go on";
    }
}
