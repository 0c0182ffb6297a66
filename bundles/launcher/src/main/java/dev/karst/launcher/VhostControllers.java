package dev.karst.launcher;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is served to virtual machines.
 *
 * @param controllers the result of {@code vhost_get_controllers}
 * @param options by the name of a controller, the result of {@code karst_vhost_get_qemu_options}
 */
record VhostControllers(Object controllers, Map<String, Object> options) {
    /** The names of those controllers. */
    static List<String> names(Object controllers) {
        return Serving.objects(controllers).stream().map(controller -> String.valueOf(controller.get("ctrlr"))).toList();
    }

    /** Whether a virtual machine finds a device. */
    boolean isReachable() {
        return Serving.objects(controllers).stream().anyMatch(controller -> bdevs(controller).findAny().isPresent());
    }

    /** Whole lines: each controller, and what QEMU has to be told to use it. */
    String describe() {
        StringBuilder out = new StringBuilder();
        for (Map<?, ?> controller : Serving.objects(controllers)) {
            String bdevs = bdevs(controller).collect(Collectors.joining(", "));
            out.append(controller.get("ctrlr")).append(bdevs.isEmpty() ? " without a device" : " with " + bdevs).append('\n');
            if (options.get(String.valueOf(controller.get("ctrlr"))) instanceof List<?> words) {
                out.append("  qemu-system-x86_64 ").append(words.stream().map(String::valueOf).collect(Collectors.joining(" "))).append('\n');
            }
        }
        return out.toString();
    }

    /** That of virtio-blk, or those of virtio-scsi. */
    private static Stream<String> bdevs(Map<?, ?> controller) {
        Map<?, ?> specific = (Map<?, ?>) controller.get("backend_specific");
        return specific.get("block") instanceof Map<?, ?> block ? Stream.of(String.valueOf(block.get("bdev")))
            : Serving.objects(specific.get("scsi")).stream().flatMap(target -> Serving.objects(target.get("luns")).stream())
                .map(unit -> String.valueOf(unit.get("bdev_name")));
    }
}
