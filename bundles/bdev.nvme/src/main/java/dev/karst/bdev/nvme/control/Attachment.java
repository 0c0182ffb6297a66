package dev.karst.bdev.nvme.control;

import dev.karst.bdev.Metadata;
import dev.karst.bdev.nvme.io.Multipath.Policy;
import dev.karst.nvme.ControllerOptions;
import dev.karst.nvme.TransportId;
import java.util.Map;

/**
 * How a controller is attached, as a client wants it.
 *
 * @param name what its devices are called, with {@code n} and the number of the namespace behind
 * @param id where it is
 * @param options for the driver
 * @param alone whether no other controller may have the name
 * @param queues most queue pairs
 * @param checks which protection information is checked: {@link Metadata#GUARD}, {@link Metadata#REFERENCE_TAG}
 * @param loss what is done when its connection is lost
 * @param policy how its paths are used; null for what the settings say
 * @param found whether it comes by itself, rather than by a call
 * @param parameters the call that attaches it
 */
public record Attachment(
    String name, TransportId id, ControllerOptions options, boolean alone, int queues, int checks, Loss loss, Policy policy,
    boolean found, Map<String, Object> parameters) {
    /** The method that attaches. */
    public static final String METHOD = "bdev_nvme_attach_controller";

    /**
     * What is done when a connection is lost.
     *
     * @param failIoMs after how long I/O fails rather than waits; 0 for not before it is given up
     * @param lossMs after how long it is given up and taken away; -1 for never, 0: it fails when it cannot be made at once
     */
    public record Loss(long failIoMs, long lossMs) {}

    /** The same for what comes by itself, as from a discovery: kept over versions of the module, and not saved. */
    public Attachment byItself() {
        return new Attachment(name, id, options, alone, queues, checks, loss, policy, true, parameters);
    }

    /** What it is kept by. */
    String key() {
        return name + " " + id;
    }
}
