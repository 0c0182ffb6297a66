package dev.karst.shell;

import dev.karst.base.StorageException;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcRegistry;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** The names of the things that are there now, asked of the methods that list them. */
final class ThingNames {
    private final RpcRegistry registry;

    ThingNames(RpcRegistry registry) {
        this.registry = registry;
    }

    /** The names of all things of a kind; none when they cannot be listed. */
    List<String> of(RpcParameter.Kind kind) {
        return switch (kind) {
            case BDEV -> texts("bdev_get_bdevs", "name", "aliases");
            case SUBSYSTEM -> texts("nvmf_get_subsystems", "nqn");
            case NAMESPACE -> texts("nvmf_get_subsystems", "namespaces.nsid");
            case HOST -> texts("nvmf_get_subsystems", "hosts.nqn");
            case TRANSPORT -> texts("nvmf_get_transports", "trtype");
            case ADDRESS -> texts("nvmf_get_subsystems", "listen_addresses.traddr");
            case PORT -> texts("nvmf_get_subsystems", "listen_addresses.trsvcid");
            case TARGET_NODE -> texts("iscsi_get_target_nodes", "name");
            case PORTAL_GROUP -> texts("iscsi_get_portal_groups", "tag");
            case INITIATOR_GROUP -> texts("iscsi_get_initiator_groups", "tag");
            case AUTH_GROUP -> texts("iscsi_get_auth_groups", "tag");
            case VHOST_CONTROLLER -> texts("vhost_get_controllers", "ctrlr");
            case REACTOR -> texts("reactor_get_reactors", "id");
            case LAYER -> texts("framework_get_subsystems", "subsystem");
            case VALUE, FILE -> List.of();
        };
    }

    private List<String> texts(String method, String... paths) {
        Collection<String> names = new LinkedHashSet<>();
        try {
            Object result = registry.call(method, Map.of());
            for (String path : paths) {
                collect(result, List.of(path.split("\\.")), names);
            }
        } catch (StorageException e) {
            // a completion without candidates says it all
        }
        return List.copyOf(names);
    }

    private static void collect(Object value, List<String> path, Collection<String> names) {
        if (value instanceof List<?> list) {
            list.forEach(element -> collect(element, path, names));
        } else if (value instanceof Map<?, ?> object && !path.isEmpty()) {
            collect(object.get(path.getFirst()), path.subList(1, path.size()), names);
        } else if (value != null && path.isEmpty()) {
            names.add(value.toString());
        }
    }
}
