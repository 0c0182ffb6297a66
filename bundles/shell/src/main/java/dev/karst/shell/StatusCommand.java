package dev.karst.shell;

import dev.karst.base.StorageException;
import dev.karst.rpc.RpcRegistry;
import dev.karst.rpc.json.Json;
import dev.karst.shell.text.Screen;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;

/** {@code karst:status}: what is served and how to connect to it, in one view. */
final class StatusCommand extends OwnCommand {
    private static final String DISCOVERY = "Discovery";

    StatusCommand(RpcRegistry registry, Supplier<PrintStream> output) {
        super(registry, described(KARST, "status", "Shows what is served and how to connect to it")
            .does(NOT_CALLED), output);
    }

    @Override
    void run(Screen screen, Arguments arguments) throws StorageException {
        Object version = ask("spdk_get_version");
        Object startup = ask("karst_get_startup");
        List<Map<?, ?>> bdevs = list("bdev_get_bdevs");
        List<Map<?, ?>> subsystems = list("nvmf_get_subsystems").stream().filter(StatusCommand::isServed).toList();
        List<Map<?, ?>> nodes = list("iscsi_get_target_nodes");
        if (arguments.format() == Arguments.Format.JSON) {
            SequencedMap<String, Object> all = new LinkedHashMap<>();
            all.put("version", version);
            all.put("startup", startup);
            all.put("bdevs", bdevs);
            all.put("nvmf_subsystems", subsystems);
            all.put("iscsi_target_nodes", nodes);
            screen.out().println(Json.pretty(all));
        } else {
            printStart(screen.out(), version, startup);
            printBdevs(screen.out(), bdevs);
            printSubsystems(screen.out(), subsystems);
            printNodes(screen.out(), nodes, list("iscsi_get_portal_groups"));
        }
    }

    static boolean isServed(Map<?, ?> subsystem) {
        return !DISCOVERY.equals(subsystem.get("subtype"));
    }

    private static void printStart(PrintStream out, Object answer, Object started) {
        String version = answer instanceof Map<?, ?> object ? ResultPrinter.text(object.get("version")) : "Karst";
        if (started instanceof Map<?, ?> startup) {
            int failed = objects(startup.get("failed")).size();
            String calls = ": " + startup.get("calls") + " configuration calls, " + failed + " failed";
            out.println(version + ", " + startup.get("state") + calls + (failed > 0 ? ". See karst:startup" : ""));
        } else {
            out.println(version);
        }
    }

    private static void printBdevs(PrintStream out, List<Map<?, ?>> bdevs) {
        out.println("Block devices");
        for (Map<?, ?> bdev : bdevs) {
            String claimed = Boolean.TRUE.equals(bdev.get("claimed")) ? ", in use" : "";
            out.println("  " + ResultPrinter.text(bdev.get("name")) + "  " + TreeCommand.about(bdev) + claimed);
        }
        if (bdevs.isEmpty()) {
            out.println("  none");
        }
    }

    private static void printSubsystems(PrintStream out, List<Map<?, ?>> subsystems) {
        out.println("NVMe-oF subsystems");
        subsystems.forEach(subsystem -> printSubsystem(out, subsystem));
        if (subsystems.isEmpty()) {
            out.println("  none");
        }
    }

    private static void printSubsystem(PrintStream out, Map<?, ?> subsystem) {
        String nqn = ResultPrinter.text(subsystem.get("nqn"));
        out.println("  " + nqn);
        for (Map<?, ?> namespace : objects(subsystem.get("namespaces"))) {
            Object bdev = namespace.get("bdev_name") != null ? namespace.get("bdev_name") : namespace.get("name");
            out.println("    namespace " + namespace.get("nsid") + ": " + ResultPrinter.text(bdev));
        }
        objects(subsystem.get("listen_addresses")).forEach(address -> out.println("    " + connect(address, nqn)));
    }

    /** Nothing where there is no iSCSI. */
    private static void printNodes(PrintStream out, List<Map<?, ?>> nodes, List<Map<?, ?>> portalGroups) {
        if (!nodes.isEmpty()) {
            out.println("iSCSI target nodes");
        }
        for (Map<?, ?> node : nodes) {
            out.println("  " + ResultPrinter.text(node.get("name")));
            objects(node.get("luns")).forEach(
                unit -> out.println("    logical unit " + unit.get("lun_id") + ": " + ResultPrinter.text(unit.get("bdev_name"))));
            List<?> tags = objects(node.get("pg_ig_maps")).stream().map(map -> map.get("pg_tag")).toList();
            portalGroups.stream().filter(group -> tags.contains(group.get("tag")))
                .flatMap(group -> objects(group.get("portals")).stream()).forEach(portal -> out.println(
                    "    iscsiadm -m discovery -t sendtargets -p " + portal(portal) + " --login"));
        }
    }

    private static String portal(Map<?, ?> portal) {
        String host = ResultPrinter.text(portal.get("host"));
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + ResultPrinter.text(portal.get("port"));
    }

    /** The line that connects a Linux host. */
    private static String connect(Map<?, ?> address, String nqn) {
        String transport = ResultPrinter.text(address.get("trtype")).toLowerCase(Locale.ROOT);
        return "nvme connect -t " + transport + " -a " + ResultPrinter.text(address.get("traddr"))
            + " -s " + ResultPrinter.text(address.get("trsvcid")) + " -n " + nqn;
    }
}
