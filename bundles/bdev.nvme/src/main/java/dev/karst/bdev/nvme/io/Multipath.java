package dev.karst.bdev.nvme.io;

import java.util.List;

/**
 * The paths of a device and how one of them is chosen; never changes, another one takes its place. Where one path is optimized, only
 * such ones are used.
 *
 * @param paths in the order in which they are preferred
 * @param policy which of them carry I/O
 * @param retries how often an I/O that the device failed is tried again; -1 for any number
 * @param failback whether a path that comes and is preferred takes over
 */
public record Multipath(List<NamespacePath> paths, Policy policy, int retries, boolean failback) {
    /** Which path is next. */
    public enum Selector {
        ROUND_ROBIN,
        QUEUE_DEPTH
    }

    /**
     * Which paths carry I/O.
     *
     * @param active whether all do, rather than the first that can
     * @param selector which one is next when all do
     * @param minIo how many I/Os go one way before the next is taken
     */
    public record Policy(boolean active, Selector selector, int minIo) {
        /** The first path that can. */
        public static final Policy PASSIVE = new Policy(false, Selector.ROUND_ROBIN, 1);
    }

    public Multipath {
        paths = List.copyOf(paths);
    }

    /** The same with other paths. */
    public Multipath through(List<NamespacePath> paths) {
        return new Multipath(paths, policy, retries, failback);
    }

    /** The same with another policy. */
    public Multipath by(Policy policy) {
        return new Multipath(paths, policy, retries, failback);
    }
}
