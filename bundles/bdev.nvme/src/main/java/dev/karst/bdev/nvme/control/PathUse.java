package dev.karst.bdev.nvme.control;

import dev.karst.base.StorageException;
import dev.karst.bdev.nvme.io.Multipath.Policy;
import java.util.Map;

/** How the paths of devices are used, as operators set it. Control threads; in turn with what else happens to controllers. */
public final class PathUse {
    private final Turns turns;
    private final Map<String, ControllerGroup> groups;
    private final NamespaceSync sync;

    PathUse(Turns turns, Map<String, ControllerGroup> groups, NamespaceSync sync) {
        this.turns = turns;
        this.groups = groups;
        this.sync = sync;
    }

    /** A device by its name, with what it is of. */
    private record Place(ControllerGroup group, int nsid) {}

    private Place place(String bdev) throws StorageException {
        for (ControllerGroup group : groups.values()) {
            for (int nsid : group.bdevs().keySet()) {
                if (group.bdevName(nsid).equals(bdev)) {
                    return new Place(group, nsid);
                }
            }
        }
        throw Controllers.noSuchDevice();
    }

    /**
     * I/O of the device takes that path first.
     *
     * @throws StorageException ENODEV when there is no such device or path
     */
    public void prefer(String bdev, long cntlid) throws StorageException {
        turns.call(() -> {
            Place place = place(bdev);
            AttachedController controller = place.group.numbered(cntlid)
                .filter(each -> each.namespaces().containsKey(place.nsid)).orElseThrow(Controllers::noSuchDevice);
            place.group.preferred().put(place.nsid, controller);
            sync.publish(place.group, place.nsid);
            return null;
        });
    }

    /** The paths of a device that is not there yet are used like that. */
    public void remember(String bdev, Policy policy) throws StorageException {
        turns.call(() -> {
            sync.remember(bdev, policy);
            return null;
        });
    }

    /** The device's paths are used like that. */
    public void policy(String bdev, Policy policy) throws StorageException {
        turns.call(() -> {
            Place place = place(bdev);
            sync.policy(place.group, place.nsid, policy);
            return null;
        });
    }
}
