package dev.karst.bdev.nvme.io;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.nvme.io.Multipath.Policy;
import dev.karst.bdev.nvme.io.Multipath.Selector;
import dev.karst.reactor.Reactor;
import java.util.List;

/** Chooses the path of each I/O on one reactor. */
@ReactorConfined
final class PathSelector {
    private final Reactor reactor;
    private Multipath shape;
    private IoPath[] paths = {};
    /** The last one that was chosen; null when it is to be looked for anew. */
    private IoPath current;
    private int usedInTurn;

    PathSelector(Reactor reactor) {
        this.reactor = reactor;
    }

    /** The paths are these from now on; those that stay keep what they counted. */
    void follow(Multipath next) {
        if (next == shape) {
            return;
        }
        List<NamespacePath> now = next.paths();
        IoPath[] before = paths;
        paths = new IoPath[now.size()];
        boolean stays = false;
        for (int i = 0; i < paths.length; i++) {
            paths[i] = known(before, now.get(i));
            stays |= paths[i] == current;
        }
        if (!stays || next.failback()) {
            current = null;
        }
        shape = next;
    }

    private IoPath known(IoPath[] before, NamespacePath path) {
        for (IoPath each : before) {
            if (each.path() == path) {
                return each;
            }
        }
        return new IoPath(path, reactor);
    }

    /** The path of the next I/O; null when none takes any. */
    IoPath choose() {
        Policy policy = shape.policy();
        IoPath now = current;
        if (!policy.active()) {
            current = now != null && now.isUsable() && now.isOptimized() ? now : first(now);
        } else if (policy.selector() == Selector.QUEUE_DEPTH) {
            current = shallowest();
        } else if (now == null || !now.isUsable() || ++usedInTurn >= policy.minIo()) {
            current = following(now);
            usedInTurn = 0;
        }
        return current;
    }

    /** The first that is optimized, else the one that was used, else the first at all. */
    private IoPath first(IoPath used) {
        IoPath other = used != null && used.isUsable() ? used : null;
        for (IoPath path : paths) {
            if (path.isUsable()) {
                if (path.isOptimized()) {
                    return path;
                }
                other = other == null ? path : other;
            }
        }
        return other;
    }

    private IoPath following(IoPath used) {
        int start = 0;
        for (int i = 0; i < paths.length; i++) {
            start = paths[i] == used ? i + 1 : start;
        }
        IoPath other = null;
        for (int i = 0; i < paths.length; i++) {
            IoPath path = paths[(start + i) % paths.length];
            if (path.isUsable()) {
                if (path.isOptimized()) {
                    return path;
                }
                other = other == null ? path : other;
            }
        }
        return other;
    }

    private IoPath shallowest() {
        IoPath best = null;
        for (IoPath path : paths) {
            if (path.isUsable() && (best == null || isBetter(path, best))) {
                best = path;
            }
        }
        return best;
    }

    private static boolean isBetter(IoPath path, IoPath than) {
        if (path.isOptimized() != than.isOptimized()) {
            return path.isOptimized();
        }
        return path.queue().inFlight() < than.queue().inFlight();
    }

    /** Whether I/O that finds no path is kept. */
    boolean mayCome(long nowNanos) {
        for (IoPath path : paths) {
            if (path.mayCome(nowNanos)) {
                return true;
            }
        }
        return false;
    }

    int count() {
        return paths.length;
    }

    List<IoPath> paths() {
        return List.of(paths);
    }

    /** The one that I/O goes over at the moment; null for none. */
    IoPath current() {
        return current;
    }
}
