package dev.karst.bdev.nvme.control;

import dev.karst.bdev.nvme.io.Multipath.Policy;

/**
 * What holds for all controllers that are attached from now on, and for how I/O is tried again.
 *
 * @param ioMs how long an I/O command may take; 0 for any time
 * @param adminMs how long an admin command may take; 0 for as long as the driver allows
 * @param keepAliveMs KATO
 * @param queueRequests requests of a queue pair; 0 for the driver's choice
 * @param retries how often an I/O that a device failed is tried again; -1 for any number
 * @param reconnectMs how long between attempts to connect; 0 for the driver's choice
 * @param loss what is done when a connection is lost
 * @param failback whether a path that comes back and is preferred takes over
 * @param policy how paths are used
 */
public record Settings(
    int ioMs, int adminMs, int keepAliveMs, int queueRequests, int retries, int reconnectMs, Attachment.Loss loss, boolean failback,
    Policy policy) {
    /** The method that sets them. */
    public static final String METHOD = "bdev_nvme_set_options";

    /** What holds when nobody set anything. */
    public static final Settings DEFAULT = new Settings(0, 0, 10_000, 0, 3, 0, new Attachment.Loss(0, 0), true, Policy.PASSIVE);
}
