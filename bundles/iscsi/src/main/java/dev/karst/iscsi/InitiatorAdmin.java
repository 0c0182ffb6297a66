package dev.karst.iscsi;

import dev.karst.base.StorageException;
import dev.karst.iscsi.model.Catalogue;
import dev.karst.iscsi.model.InitiatorGroup;
import dev.karst.iscsi.model.IscsiName;
import dev.karst.iscsi.model.Netmask;
import dev.karst.iscsi.model.TargetNode;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/** The initiator groups. Control threads. */
public final class InitiatorAdmin {
    private final IscsiTarget target;

    InitiatorAdmin(IscsiTarget target) {
        this.target = target;
    }

    public void create(int tag, List<String> names, List<String> netmasks) throws StorageException {
        target.change(() -> {
            if (target.catalogue().initiatorGroups().containsKey(tag)) {
                throw IscsiTarget.invalid("there is an initiator group " + tag + " already");
            }
            put(new InitiatorGroup(tag, List.of(), List.of()), names, masks(netmasks));
            return null;
        });
    }

    private static List<Netmask> masks(List<String> texts) throws StorageException {
        List<Netmask> masks = new ArrayList<>();
        for (String text : texts) {
            try {
                masks.add(Netmask.of(text));
            } catch (IllegalArgumentException e) {
                throw IscsiTarget.invalid(text + " is no netmask such as 127.0.0.0/8, [::1]/128 or ANY");
            }
        }
        return masks;
    }

    private void put(InitiatorGroup before, List<String> moreNames, List<Netmask> moreMasks) throws StorageException {
        List<String> names = new ArrayList<>(before.initiators());
        List<Netmask> masks = new ArrayList<>(before.netmasks());
        for (String name : moreNames) {
            if (!IscsiName.isWord(name)) {
                throw IscsiTarget.invalid("initiators has " + name + ", which is no name");
            }
            add(names, name, "initiator " + name + " is in group " + before.tag() + " already");
        }
        for (Netmask mask : moreMasks) {
            add(masks, mask, "netmask " + mask.text() + " is in group " + before.tag() + " already");
        }
        if (Math.max(names.size(), masks.size()) > InitiatorGroup.MAX_ENTRIES) {
            throw IscsiTarget.invalid("a group has at most " + InitiatorGroup.MAX_ENTRIES + " names and netmasks");
        }
        publish(IscsiTarget.with(target.catalogue().initiatorGroups(), before.tag(), new InitiatorGroup(before.tag(), names, masks)));
    }

    private static <T> void add(List<T> list, T more, String otherwise) throws StorageException {
        if (list.contains(more)) {
            throw IscsiTarget.invalid(otherwise);
        }
        list.add(more);
    }

    private void publish(SequencedMap<Integer, InitiatorGroup> groups) {
        Catalogue now = target.catalogue();
        target.publish(new Catalogue(now.options(), now.portalGroups(), groups, now.authGroups(), now.nodes()));
    }

    private InitiatorGroup group(int tag) throws StorageException {
        InitiatorGroup group = target.catalogue().initiatorGroups().get(tag);
        if (group == null) {
            throw IscsiTarget.missing("there is no initiator group " + tag);
        }
        return group;
    }

    /** Adds names and netmasks to a group. */
    public void add(int tag, List<String> names, List<String> netmasks) throws StorageException {
        target.change(() -> {
            put(group(tag), names, masks(netmasks));
            target.endUnwanted();
            return null;
        });
    }

    /** Takes names and netmasks out of a group; sessions of those who may not use their node any more end. */
    public void remove(int tag, List<String> names, List<String> netmasks) throws StorageException {
        target.change(() -> {
            InitiatorGroup before = group(tag);
            List<String> leftNames = new ArrayList<>(before.initiators());
            List<Netmask> leftMasks = new ArrayList<>(before.netmasks());
            List<Netmask> goingMasks = masks(netmasks);
            for (String name : names) {
                if (!leftNames.remove(name)) {
                    throw IscsiTarget.invalid("initiator " + name + " is not in group " + tag);
                }
            }
            for (Netmask mask : goingMasks) {
                if (!leftMasks.remove(mask)) {
                    throw IscsiTarget.invalid("netmask " + mask.text() + " is not in group " + tag);
                }
            }
            publish(IscsiTarget.with(target.catalogue().initiatorGroups(), tag, new InitiatorGroup(tag, leftNames, leftMasks)));
            target.endUnwanted();
            return null;
        });
    }

    /** Deletes a group, and what is mapped to it. */
    public void delete(int tag) throws StorageException {
        target.change(() -> {
            group(tag);
            for (TargetNode node : target.catalogue().nodes().values()) {
                target.nodes.unmap(node, map -> map.initiatorGroup() == tag);
            }
            publish(IscsiTarget.without(target.catalogue().initiatorGroups(), tag));
            return null;
        });
    }
}
