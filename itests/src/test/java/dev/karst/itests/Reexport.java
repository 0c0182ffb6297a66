package dev.karst.itests;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What an instance does that has the disks of other targets, by its initiator, and exports them again. */
public final class Reexport {
    private Reexport() {}

    /** Attaches the target on 127.0.0.1 under a name, to be tried for ever when it is lost; gives the devices. */
    public static List<?> attach(KarstInstance instance, String name, String nqn, int port) throws IOException {
        Map<String, Object> call = new LinkedHashMap<>(listener(port));
        call.putAll(Map.of("name", name, "subnqn", nqn, "ctrlr_loss_timeout_sec", -1L, "reconnect_delay_sec", 1L));
        return (List<?>) instance.call("bdev_nvme_attach_controller", call);
    }

    /** Exports devices as a new subsystem, their namespaces numbered from 1, on a port of 127.0.0.1. */
    public static void export(KarstInstance instance, String nqn, int port, List<?> devices) throws IOException {
        instance.call("nvmf_create_transport", Map.of("trtype", "TCP"));
        exportBeside(instance, nqn, port, devices);
    }

    /** The same by an instance that exports others already. */
    public static void exportBeside(KarstInstance instance, String nqn, int port, List<?> devices) throws IOException {
        instance.call("nvmf_create_subsystem", Map.of("nqn", nqn, "allow_any_host", true, "ana_reporting", true));
        add(instance, nqn, devices);
        instance.call("nvmf_subsystem_add_listener", Map.of("nqn", nqn, "listen_address", listener(port)));
    }

    /** Adds devices to a subsystem, with the lowest free numbers. */
    public static void add(KarstInstance instance, String nqn, List<?> devices) throws IOException {
        for (Object device : devices) {
            instance.call("nvmf_subsystem_add_ns", Map.of("nqn", nqn, "namespace", Map.of("bdev_name", device)));
        }
    }

    private static Map<String, Object> listener(int port) {
        return Map.of("trtype", "TCP", "adrfam", "IPv4", "traddr", "127.0.0.1", "trsvcid", Integer.toString(port));
    }
}
