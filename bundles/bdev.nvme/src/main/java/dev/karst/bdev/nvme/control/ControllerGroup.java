package dev.karst.bdev.nvme.control;

import dev.karst.bdev.nvme.io.NamespaceBdev;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The controllers of one name, which are ways to the same namespaces, and the devices of these. In turn. */
public final class ControllerGroup {
    private final String name;
    private final List<AttachedController> controllers = new ArrayList<>();
    /** By the namespaces' numbers. */
    private final Map<Integer, NamespaceBdev> bdevs = new TreeMap<>();
    /** By the namespaces' numbers: the controller whose path is preferred. */
    private final Map<Integer, AttachedController> preferred = new TreeMap<>();

    ControllerGroup(String name) {
        this.name = name;
    }

    public String name() {
        return name;
    }

    /** Its controllers, in the order in which they came. */
    public List<AttachedController> controllers() {
        return controllers;
    }

    /** Its devices, by the numbers of their namespaces. */
    public Map<Integer, NamespaceBdev> bdevs() {
        return bdevs;
    }

    Map<Integer, AttachedController> preferred() {
        return preferred;
    }

    /** Its controllers with the one first that is preferred for the namespace. */
    List<AttachedController> ordered(int nsid) {
        List<AttachedController> ordered = new ArrayList<>(controllers);
        AttachedController first = preferred.get(nsid);
        if (first != null && ordered.remove(first)) {
            ordered.addFirst(first);
        }
        return ordered;
    }

    /** The controller of that number. */
    Optional<AttachedController> numbered(long cntlid) {
        return controllers.stream()
            .filter(each -> each.controller() != null && each.controller().data().controllerId() == cntlid).findFirst();
    }

    /** What the device of the namespace is called. */
    String bdevName(int nsid) {
        return name + "n" + nsid;
    }
}
