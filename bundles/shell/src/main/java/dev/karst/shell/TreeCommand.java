package dev.karst.shell;

import dev.karst.base.StorageException;
import dev.karst.rpc.RpcRegistry;
import dev.karst.rpc.json.Json;
import dev.karst.shell.text.Screen;
import dev.karst.shell.text.Sizes;
import dev.karst.shell.text.Tree;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** {@code karst:tree}: block devices, what stands on them, and how hosts reach that. */
final class TreeCommand extends OwnCommand {
    /** How every stacked device begins the name of the field that says what it stands on. */
    private static final String BASE = "base_bdev";

    TreeCommand(RpcRegistry registry, Supplier<PrintStream> output) {
        super(registry, described(KARST, "tree", "Draws block devices with what stands on them, up to where hosts reach it")
            .does(NOT_CALLED), output);
    }

    @Override
    void run(Screen screen, Arguments arguments) throws StorageException {
        List<Tree.Node> roots = new Forest(list("bdev_get_bdevs"), list("nvmf_get_subsystems")).roots();
        switch (arguments.format()) {
            case TEXT -> Tree.lines(screen, roots).forEach(screen.out()::println);
            case JSON -> screen.out().println(Json.pretty(roots.stream().map(TreeCommand::plain).toList()));
            case PLAIN -> roots.forEach(root -> printPlain(screen.out(), root, 0));
        }
    }

    private static Map<String, Object> plain(Tree.Node node) {
        SequencedMap<String, Object> object = new LinkedHashMap<>();
        object.put("name", node.name());
        object.put("about", node.about());
        object.put("children", node.children().stream().map(TreeCommand::plain).toList());
        return object;
    }

    /** How deep, what, and more about it. */
    private static void printPlain(PrintStream out, Tree.Node node, int depth) {
        out.println(depth + "\t" + node.name() + "\t" + node.about());
        node.children().forEach(child -> printPlain(out, child, depth + 1));
    }

    /** What a device is. */
    static String about(Map<?, ?> bdev) {
        boolean known = bdev.get("num_blocks") instanceof Long && bdev.get("block_size") instanceof Long;
        String size = known ? Sizes.of((double) (Long) bdev.get("num_blocks") * (Long) bdev.get("block_size")) : "unknown size";
        return size + ", " + ResultPrinter.text(bdev.get("product_name"));
    }

    /** The trees of what is there. */
    private record Forest(List<Map<?, ?>> bdevs, List<Map<?, ?>> subsystems) {
        List<Tree.Node> roots() {
            Stream<Tree.Node> devices = bdevs.stream().filter(bdev -> bases(bdev).isEmpty()).map(this::device);
            Stream<Tree.Node> empty = subsystems.stream().filter(StatusCommand::isServed)
                .filter(subsystem -> objects(subsystem.get("namespaces")).isEmpty())
                .map(subsystem -> new Tree.Node(text(subsystem, "nqn"), "no namespace", listeners(subsystem)));
            return Stream.concat(devices, empty).toList();
        }

        private Tree.Node device(Map<?, ?> bdev) {
            String name = text(bdev, "name");
            List<Tree.Node> above = new ArrayList<>();
            bdevs.stream().filter(other -> bases(other).contains(name)).map(this::device).forEach(above::add);
            for (Map<?, ?> subsystem : subsystems) {
                objects(subsystem.get("namespaces")).stream().filter(namespace -> name.equals(text(namespace, "bdev_name")))
                    .map(namespace -> export(subsystem, namespace)).forEach(above::add);
            }
            return new Tree.Node(name, about(bdev), above);
        }

        private static Tree.Node export(Map<?, ?> subsystem, Map<?, ?> namespace) {
            return new Tree.Node(
                text(subsystem, "nqn"), "namespace " + text(namespace, "nsid") + ", " + allowed(subsystem), listeners(subsystem));
        }

        private static String allowed(Map<?, ?> subsystem) {
            int hosts = objects(subsystem.get("hosts")).size();
            if (Boolean.TRUE.equals(subsystem.get("allow_any_host"))) {
                return "any host";
            }
            return hosts == 0 ? "no host" : hosts == 1 ? "1 host" : hosts + " hosts";
        }

        private static List<Tree.Node> listeners(Map<?, ?> subsystem) {
            return objects(subsystem.get("listen_addresses")).stream().map(address -> new Tree.Node(
                text(address, "trtype") + " " + text(address, "traddr") + " port " + text(address, "trsvcid"), "", List.of())).toList();
        }

        /** Those devices that are there and that this one stands on. */
        private List<String> bases(Map<?, ?> bdev) {
            List<String> named = new ArrayList<>();
            collect(bdev.get("driver_specific"), false, named);
            String own = text(bdev, "name");
            return bdevs.stream().map(other -> text(other, "name")).filter(name -> named.contains(name) && !name.equals(own))
                .toList();
        }

        /** All texts under fields that say what a device stands on. */
        private static void collect(Object value, boolean base, List<String> named) {
            switch (value) {
                case Map<?, ?> object -> object.forEach((name, member) ->
                    collect(member, base || String.valueOf(name).startsWith(BASE), named));
                case List<?> list -> list.forEach(element -> collect(element, base, named));
                case String text when base -> named.add(text);
                case null, default -> { }
            }
        }

        private static String text(Map<?, ?> object, String name) {
            return ResultPrinter.text(object.get(name));
        }
    }
}
