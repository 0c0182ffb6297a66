package dev.karst.vhost.rpc;

import dev.karst.vhost.Controller;
import dev.karst.vhost.blk.BlkDevice;
import dev.karst.vhost.device.Device;
import java.util.List;

/** What QEMU has to be told to use a controller. Its vhost-user-scsi cannot reconnect: QEMU 7.2 does not even start when told to. */
final class QemuOptions {
    private QemuOptions() {}

    /** The options, one or two words each. */
    static List<String> of(Controller controller, long memoryMb) {
        Device device = controller.device();
        String id = "karst-" + device.name().replaceAll("[^A-Za-z0-9._-]", "_");
        return List.of(
            "-object memory-backend-memfd,id=karst-memory,size=" + memoryMb + "M,share=on",
            "-numa node,memdev=karst-memory",
            "-chardev socket,id=" + id + ",path=" + controller.path().toString().replace(",", ",,")
                + (device instanceof BlkDevice ? ",reconnect=1" : ""),
            "-device " + device(device, id));
    }

    private static String device(Device device, String id) {
        int queues = device.reactors().size();
        return device instanceof BlkDevice blk
            ? "vhost-user-blk-pci,chardev=" + id + ",num-queues=" + queues + (blk.options().packed() ? ",packed=on" : "")
            : "vhost-user-scsi-pci,chardev=" + id + ",num_queues=" + queues;
    }
}
