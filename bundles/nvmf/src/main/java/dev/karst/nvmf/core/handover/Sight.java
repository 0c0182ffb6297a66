package dev.karst.nvmf.core.handover;

import dev.karst.base.StateReader;
import dev.karst.base.StateWriter;
import dev.karst.base.StorageException;
import dev.karst.nvmf.core.model.AnaState;
import dev.karst.nvmf.core.model.Controller;
import dev.karst.nvmf.core.model.Namespace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What a host can see of its subsystem: what differs after a hand-over, it is told of.
 *
 * @param namespaces by NSID
 * @param anaStates of the groups from 1 on, where the subsystem reports them
 */
record Sight(Map<Integer, Device> namespaces, List<AnaState> anaStates) {
    /** A namespace. */
    private record Device(UUID uuid, long blocks, int anaGroup) {}

    static Sight of(Controller controller) {
        var devices = new HashMap<Integer, Device>();
        for (Namespace namespace : controller.namespaces()) {
            devices.put(namespace.nsid, new Device(namespace.uuid(), namespace.blocks(), namespace.anaGroup()));
        }
        var states = new ArrayList<AnaState>();
        int groups = controller.listener == null ? 0 : controller.subsystem.anaGroups();
        for (int group = 1; group <= groups; group++) {
            states.add(controller.listener.ana().of(group));
        }
        return new Sight(devices, states);
    }

    void save(StateWriter state) {
        state.number(namespaces.size());
        namespaces.forEach((nsid, device) ->
            state.number(nsid).uuid(device.uuid).number(device.blocks).number(device.anaGroup));
        state.number(anaStates.size());
        anaStates.forEach(each -> state.number(each.ordinal()));
    }

    static Sight read(StateReader state, int maxNamespaces) throws StorageException {
        var devices = new HashMap<Integer, Device>();
        int count = state.number(0, maxNamespaces);
        for (int i = 0; i < count; i++) {
            int nsid = state.number(1, maxNamespaces);
            devices.put(nsid, new Device(state.uuid(), state.number(), state.number(1, maxNamespaces)));
        }
        var states = new ArrayList<AnaState>();
        int groups = state.number(0, maxNamespaces);
        for (int i = 0; i < groups; i++) {
            states.add(AnaState.values()[state.number(0, AnaState.values().length - 1)]);
        }
        return new Sight(devices, states);
    }

    /** Tells the host of what is another now. On the controller's reactor. */
    void tellOfChanges(Controller controller) {
        Sight now = of(controller);
        Set<Integer> all = new HashSet<>(namespaces.keySet());
        all.addAll(now.namespaces.keySet());
        boolean moved = false;
        for (int nsid : all) {
            Device before = namespaces.get(nsid);
            Device after = now.namespaces.get(nsid);
            if (before == null || !before.equals(after)) {
                controller.events.namespaceChanged(nsid);
                moved |= before != null && after != null && before.anaGroup != after.anaGroup;
            }
        }
        if (moved || !anaStates.equals(now.anaStates)) {
            controller.events.anaChanged();
        }
    }
}
