package dev.karst.rpc.desired;

import dev.karst.base.StorageException;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.Effect;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcRegistry;
import dev.karst.rpc.desired.Step.Action;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The steps from the present state to a declared one. What is declared no more is deleted, and so is what differs in a way
 * that nothing changes while it is in use; with either goes whatever stands on it, to be made again if it is declared.
 * Deletions come first, what stands on others before those; then all else, in the opposite order.
 */
final class Planner {
    private final RpcRegistry registry;
    private final Set<String> managed;
    private final SequencedMap<String, Thing> wanted;
    /** All that is there, what the declaration does not speak of too. */
    private final SequencedMap<String, Thing> present = new LinkedHashMap<>();
    private final References uses;
    private final References needs;
    /** Why something has to go, by id. */
    private final Map<String, String> going = new LinkedHashMap<>();
    /** Parameters in which something changes and stays, by id. */
    private final Map<String, Set<String>> changing = new HashMap<>();
    private final List<Step> kept = new ArrayList<>();

    private Planner(RpcRegistry registry, State now, State declared, Set<String> managed) {
        this.registry = registry;
        this.managed = managed;
        this.wanted = declared.things();
        this.present.putAll(now.things());
        this.uses = new References(registry, present);
        this.needs = new References(registry, wanted);
    }

    /**
     * The steps.
     *
     * @param managed the subsystems that the declaration speaks of
     * @throws StorageException when a method that a step needs is not there
     */
    static List<Step> steps(RpcRegistry registry, State now, State declared, Set<String> managed) throws StorageException {
        Planner planner = new Planner(registry, now, declared, managed);
        declared.without().forEach(planner::passOver);
        planner.present.forEach(planner::judge);
        planner.spread();
        List<Step> steps = new ArrayList<>(planner.kept);
        planner.addDeletions(steps);
        planner.addOthers(steps);
        return steps;
    }

    private void passOver(String method) {
        kept.add(new Step(Action.KEEP, "", new Call(method, Map.of()), "leaves nothing that lasts; not called", false));
    }

    private boolean isManaged(Thing thing) {
        return managed.contains(thing.subsystem());
    }

    private void judge(String id, Thing thing) {
        Thing like = wanted.get(id);
        if (!isManaged(thing)) {
            return;
        } else if (like == null) {
            leave(id, thing, "", "nothing can take it away while Karst runs");
            return;
        }
        List<String> differences = thing.differences(like);
        boolean live = thing.isSetting() || differences.stream().allMatch(path -> isLive(thing.effect(), path));
        if (differences.isEmpty()) {
            return;
        } else if (live && thing.method().name().equals(like.method().name())) {
            changing.put(id, new TreeSet<>(differences));
        } else {
            String what = String.join(", ", differences);
            leave(id, thing, what + (differences.size() == 1 ? " differs" : " differ") + "; made anew",
                what + " cannot be changed while Karst runs");
        }
    }

    private static boolean isLive(Effect effect, String path) {
        return effect.setters().containsKey(path) || effect.members().containsKey(path);
    }

    private void leave(String id, Thing thing, String why, String whyNot) {
        if (thing.effect().undo() == null) {
            kept.add(new Step(Action.KEEP, thing.title(), new Call(thing.method().name(), thing.parameters()), whyNot, false));
        } else {
            going.put(id, why);
        }
    }

    /** What stands on something that goes has to go too; what a change of the whole sets anew has to be set again. */
    private void spread() {
        for (String id : uses.sorted(present)) {
            Thing thing = present.get(id);
            for (String needed : uses.of(thing)) {
                if (going.containsKey(needed) && isManaged(thing) && wanted.containsKey(id)) {
                    loses(id, thing, needed);
                } else if (changing.containsKey(needed) && isSetBy(present.get(needed), thing) && wanted.containsKey(id)) {
                    changing.putIfAbsent(id, new TreeSet<>());
                }
            }
        }
    }

    /** Something goes that a thing or objects of its lists stand on. */
    private void loses(String id, Thing thing, String needed) {
        if (uses.ofWhole(thing).contains(needed)) {
            going.putIfAbsent(id, "stands on " + present.get(needed).title() + "; made anew");
            return;
        }
        thing.effect().members().keySet().stream()
            .filter(list -> MemberChange.objects(thing.parameters().get(list)).stream()
                .anyMatch(object -> uses.ofMember(thing, list, object).contains(needed)))
            .forEach(list -> changing.computeIfAbsent(id, _ -> new TreeSet<>()).add(list));
    }

    private static boolean isSetBy(Thing whole, Thing part) {
        return whole.effect().setters().containsValue(part.method().name());
    }

    private void addDeletions(List<Step> steps) throws StorageException {
        Map<String, List<String>> users = users();
        for (String id : uses.sorted(present).reversed()) {
            Thing thing = present.get(id);
            boolean gone = thing.isSetting() && uses.of(thing).stream().anyMatch(going::containsKey);
            if (going.containsKey(id) && !gone) {
                RpcMethod undo = method(thing.effect().undo());
                List<String> losers = users.getOrDefault(id, List.of());
                String note = losers.isEmpty() ? "" : "in use by " + String.join(", ", losers);
                steps.add(new Step(
                    thing.isSetting() ? Action.CHANGE : Action.DELETE, thing.title(), new Call(undo.name(), thing.undoParameters(undo)),
                    joined(going.get(id), note), !losers.isEmpty()));
            } else if (!going.containsKey(id)) {
                for (String list : lists(id, thing)) {
                    RpcMethod remove = method(thing.effect().members().get(list).remove());
                    memberChange(id, list).gone().forEach(object -> steps.add(new Step(Action.CHANGE, thing.title(),
                        new Call(remove.name(), thing.memberParameters(remove, list, object)), list, false)));
                }
            }
        }
    }

    /** The lists in which objects come and go. */
    private List<String> lists(String id, Thing thing) {
        return changing.getOrDefault(id, Set.of()).stream().filter(thing.effect().members()::containsKey).toList();
    }

    private MemberChange memberChange(String id, String list) {
        Thing before = present.get(id);
        return before.memberChange(list, wanted.get(id),
            object -> uses.ofMember(before, list, object).stream().anyMatch(going::containsKey));
    }

    /** What the declaration does not speak of and that loses something, by the id of that. */
    private Map<String, List<String>> users() {
        Map<String, List<String>> users = new HashMap<>();
        present.forEach((id, thing) -> {
            if (!isManaged(thing)) {
                uses.of(thing).forEach(needed -> users.computeIfAbsent(needed, key -> new ArrayList<>())
                    .add(thing.method().name() + " " + thing.title()));
            }
        });
        return users;
    }

    private void addOthers(List<Step> steps) throws StorageException {
        for (String id : needs.sorted(wanted)) {
            Thing thing = wanted.get(id);
            Thing before = present.get(id);
            if (before == null || going.containsKey(id)) {
                Map<String, Object> parameters = thing.isSetting() ? thing.settingParameters() : thing.parameters();
                Action action = thing.isSetting() ? Action.CHANGE : Action.CREATE;
                steps.add(new Step(action, thing.title(), new Call(thing.method().name(), parameters), "", false));
            } else if (changing.containsKey(id)) {
                addChanges(steps, id, thing);
            }
        }
    }

    private void addChanges(List<Step> steps, String id, Thing thing) throws StorageException {
        Set<String> differences = changing.get(id);
        if (thing.isSetting()) {
            Call call = new Call(thing.method().name(), thing.settingParameters());
            steps.add(new Step(Action.CHANGE, thing.title(), call, String.join(", ", differences), false));
            return;
        }
        for (String list : lists(id, thing)) {
            RpcMethod add = method(thing.effect().members().get(list).add());
            memberChange(id, list).come().forEach(object -> steps.add(new Step(Action.CHANGE, thing.title(),
                new Call(add.name(), thing.memberParameters(add, list, object)), list, false)));
        }
        for (String path : differences.stream().filter(thing.effect().setters()::containsKey).toList()) {
            RpcMethod setter = method(thing.effect().setters().get(path));
            Call call = new Call(setter.name(), thing.setterParameters(setter, path));
            steps.add(new Step(Action.CHANGE, thing.title(), call, path, false));
        }
    }

    private RpcMethod method(String name) throws StorageException {
        return registry.method(name).orElseThrow(() -> RpcError.methodNotFound(name));
    }

    private static String joined(String... notes) {
        return List.of(notes).stream().filter(note -> !note.isEmpty()).collect(Collectors.joining("; "));
    }

    /** For a message: what a plan would take from others. */
    static String losses(List<Step> steps) {
        return steps.stream().filter(Step::harmful).map(step -> step.title() + " is " + step.note())
            .collect(Collectors.toCollection(TreeSet::new)).stream().collect(Collectors.joining("; "));
    }
}
