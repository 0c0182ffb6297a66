package dev.karst.shell;

import dev.karst.base.StorageException;
import dev.karst.rpc.RpcRegistry;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.karaf.shell.api.console.Session;

/** {@code karst:status}: what is served and how to connect to it, in one view. */
final class StatusCommand extends OwnCommand {
    private static final String DISCOVERY = "Discovery";
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    private static final int UNIT = 1024;

    private final RpcRegistry registry;

    StatusCommand(RpcRegistry registry, Supplier<PrintStream> output) {
        super("status", "Shows what is served and how to connect to it", output);
        this.registry = registry;
    }

    @Override
    void run(Session session, List<Object> arguments) throws Exception {
        if (!arguments.isEmpty()) {
            throw RpcCommand.failure("karst:status: it takes no arguments");
        }
        PrintStream out = out();
        printStart(out);
        printBdevs(out);
        printSubsystems(out);
    }

    private void printStart(PrintStream out) throws StorageException {
        Object answer = ask("spdk_get_version");
        String version = answer instanceof Map<?, ?> object ? ResultPrinter.text(object.get("version")) : "Karst";
        if (ask("karst_get_startup") instanceof Map<?, ?> startup) {
            int failed = list(startup.get("failed")).size();
            String calls = ": " + startup.get("calls") + " configuration calls, " + failed + " failed";
            out.println(version + ", " + startup.get("state") + calls + (failed > 0 ? ". See karst:startup" : ""));
        } else {
            out.println(version);
        }
    }

    private void printBdevs(PrintStream out) throws StorageException {
        out.println("Block devices");
        List<?> bdevs = list(ask("bdev_get_bdevs"));
        for (Object bdev : bdevs) {
            if (bdev instanceof Map<?, ?> object) {
                String claimed = Boolean.TRUE.equals(object.get("claimed")) ? ", in use" : "";
                out.println("  " + ResultPrinter.text(object.get("name")) + "  " + size(object) + ", "
                    + ResultPrinter.text(object.get("product_name")) + claimed);
            }
        }
        if (bdevs.isEmpty()) {
            out.println("  none");
        }
    }

    private void printSubsystems(PrintStream out) throws StorageException {
        out.println("NVMe-oF subsystems");
        boolean any = false;
        for (Object subsystem : list(ask("nvmf_get_subsystems"))) {
            if (subsystem instanceof Map<?, ?> object && !DISCOVERY.equals(object.get("subtype"))) {
                printSubsystem(out, object);
                any = true;
            }
        }
        if (!any) {
            out.println("  none");
        }
    }

    private static void printSubsystem(PrintStream out, Map<?, ?> subsystem) {
        String nqn = ResultPrinter.text(subsystem.get("nqn"));
        out.println("  " + nqn);
        for (Object namespace : list(subsystem.get("namespaces"))) {
            if (namespace instanceof Map<?, ?> object) {
                Object bdev = object.get("bdev_name") != null ? object.get("bdev_name") : object.get("name");
                out.println("    namespace " + object.get("nsid") + ": " + ResultPrinter.text(bdev));
            }
        }
        for (Object listener : list(subsystem.get("listen_addresses"))) {
            if (listener instanceof Map<?, ?> address) {
                out.println("    " + connect(address, nqn));
            }
        }
    }

    /** The line that connects a Linux host. */
    private static String connect(Map<?, ?> address, String nqn) {
        String transport = ResultPrinter.text(address.get("trtype")).toLowerCase(Locale.ROOT);
        return "nvme connect -t " + transport + " -a " + ResultPrinter.text(address.get("traddr"))
            + " -s " + ResultPrinter.text(address.get("trsvcid")) + " -n " + nqn;
    }

    private static String size(Map<?, ?> bdev) {
        if (!(bdev.get("num_blocks") instanceof Long blocks && bdev.get("block_size") instanceof Long blockSize)) {
            return "unknown size";
        }
        double size = (double) blocks * blockSize;
        int unit = 0;
        while (size >= UNIT && unit < UNITS.length - 1) {
            size /= UNIT;
            unit++;
        }
        return String.format(Locale.ROOT, size == Math.rint(size) ? "%.0f %s" : "%.1f %s", size, UNITS[unit]);
    }

    /** The result of a method; null when no bundle offers it. */
    private Object ask(String method) throws StorageException {
        return registry.method(method).isEmpty() ? null : registry.call(method, Map.of());
    }

    private static List<?> list(Object value) {
        return value instanceof List<?> list ? list : List.of();
    }
}
