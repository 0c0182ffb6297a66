package dev.karst.nvmf.testkit;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a case does to the target itself, by its management; undone when the case is over. */
final class PlayedTarget {
    private static final long USUAL_NSID = 5;
    private static final long USUAL_BLOCKS = 128;

    private final Venue venue;
    private final String subsystem;
    /** The kinds of the devices that there are, by NSID. */
    private final Map<Long, String> devices = new HashMap<>();
    /** Which of them are namespaces. */
    private final Set<Long> namespaces = new LinkedHashSet<>();
    /** Where their reservations persist, of those whose do, by NSID. */
    private final Map<Long, String> reservations = new HashMap<>();
    private final List<Map<String, Object>> referrals = new ArrayList<>();
    private final List<String> subsystems = new ArrayList<>();

    PlayedTarget(Venue venue, String subsystem) {
        this.venue = venue;
        this.subsystem = subsystem;
    }

    void act(String what, Fields fields) throws IOException {
        long nsid = fields.number("nsid", USUAL_NSID);
        switch (what) {
            case "namespace" -> {
                create(nsid, fields);
                add(nsid);
            }
            case "add" -> add(nsid);
            case "remove" -> remove(nsid);
            case "delete" -> delete(nsid);
            case "resize" -> venue.call("bdev_" + devices.get(nsid) + "_resize",
                Map.of("name", name(nsid), "new_size", fields.number("mib", 1)));
            case "subsystem" -> subsystem(fields);
            case "refer" -> refer(fields.text("port", "8009"));
            default -> throw new IOException("there is no such step");
        }
    }

    private static String name(long nsid) {
        return "bad" + nsid;
    }

    private void create(long nsid, Fields fields) throws IOException {
        var parameters = new LinkedHashMap<String, Object>();
        parameters.put("name", name(nsid));
        parameters.put("block_size", 512L);
        parameters.put("num_blocks", fields.number("blocks", USUAL_BLOCKS));
        for (String number : List.of("md_size", "dif_type")) {
            if (fields.has(number)) {
                parameters.put(number, fields.number(number, 0));
            }
        }
        if (fields.has("md_interleave")) {
            parameters.put("md_interleave", true);
        }
        String kind = fields.text("kind", "malloc");
        venue.call("bdev_" + kind + "_create", parameters);
        devices.put(nsid, kind);
        if (fields.has("ptpl")) {
            reservations.put(nsid, venue.newFile().toString());
        }
    }

    private void add(long nsid) throws IOException {
        var namespace = new LinkedHashMap<String, Object>(Map.of("bdev_name", name(nsid), "nsid", nsid));
        if (reservations.containsKey(nsid)) {
            namespace.put("ptpl_file", reservations.get(nsid));
        }
        venue.call("nvmf_subsystem_add_ns", Map.of("nqn", subsystem, "namespace", namespace));
        namespaces.add(nsid);
    }

    private void remove(long nsid) throws IOException {
        namespaces.remove(nsid);
        venue.call("nvmf_subsystem_remove_ns", Map.of("nqn", subsystem, "nsid", nsid));
    }

    private void delete(long nsid) throws IOException {
        namespaces.remove(nsid);
        venue.call("bdev_" + devices.remove(nsid) + "_delete", Map.of("name", name(nsid)));
    }

    private void subsystem(Fields fields) throws IOException {
        String nqn = fields.text("nqn", "");
        venue.call("nvmf_create_subsystem",
            Map.of("nqn", nqn, "allow_any_host", fields.has("any"), "karst_hidden", fields.has("hidden")));
        subsystems.add(nqn);
    }

    private void refer(String port) throws IOException {
        Map<String, Object> address = Map.of("trtype", "TCP", "adrfam", "IPv4", "traddr", "192.0.2.1", "trsvcid", port);
        Map<String, Object> parameters = Map.of("address", address);
        venue.call("nvmf_discovery_add_referral", parameters);
        referrals.add(parameters);
    }

    /** Takes away what is left of it all. */
    void restore() throws IOException {
        for (long nsid : List.copyOf(namespaces)) {
            remove(nsid);
        }
        for (long nsid : List.copyOf(devices.keySet())) {
            delete(nsid);
        }
        for (Map<String, Object> referral : referrals) {
            venue.call("nvmf_discovery_remove_referral", referral);
        }
        referrals.clear();
        for (String nqn : subsystems) {
            venue.call("nvmf_delete_subsystem", Map.of("nqn", nqn));
        }
        subsystems.clear();
    }
}
