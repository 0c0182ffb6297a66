package dev.karst.vhost.rpc;

import dev.karst.vhost.Controller;
import dev.karst.vhost.blk.BlkDevice;
import java.util.List;

/** What QEMU has to be told to use a controller. */
final class QemuOptions {
    private QemuOptions() {}

    /** The options, one or two words each. */
    static List<String> of(Controller controller, BlkDevice device, long memoryMb) {
        String id = "karst-" + device.name().replaceAll("[^A-Za-z0-9._-]", "_");
        return List.of(
            "-object memory-backend-memfd,id=karst-memory,size=" + memoryMb + "M,share=on",
            "-numa node,memdev=karst-memory",
            "-chardev socket,id=" + id + ",path=" + controller.path().toString().replace(",", ",,") + ",reconnect=1",
            "-device vhost-user-blk-pci,chardev=" + id + ",num-queues=" + device.reactors().size()
                + (device.options().packed() ? ",packed=on" : ""));
    }
}
