package dev.karst.nvmf.core;

import dev.karst.base.ReactorConfined;
import dev.karst.reactor.Reactor;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** What the queues of one reactor share. SPDK calls it a poll group. */
@ReactorConfined
final class ReactorGroup {
    /** Bytes of {@link #page}. */
    static final int PAGE_BYTES = 4096;

    final Reactor reactor;
    final NvmfTarget target;
    /** A page in which answers are composed and data is looked at; free between two calls from a transport. */
    final long page;
    /** Commands of I/O queues ended so far. */
    long finishedIo;
    /** Queues that connected so far. */
    long adminQueues;
    long ioQueues;

    private final Set<TargetQueue> queues = new LinkedHashSet<>();
    private final Map<Subsystem, SubsystemGroup> subsystems = new HashMap<>();

    ReactorGroup(Reactor reactor, NvmfTarget target, long page) {
        this.reactor = reactor;
        this.target = target;
        this.page = page;
    }

    /** The namespaces of a subsystem for one more I/O queue; paired with {@link SubsystemGroup#leave}. */
    SubsystemGroup enter(Subsystem subsystem) {
        SubsystemGroup entered = subsystems.computeIfAbsent(subsystem, it -> new SubsystemGroup(it, this));
        entered.enter();
        return entered;
    }

    /** No queue of this reactor uses the subsystem's namespaces. */
    void drop(Subsystem subsystem) {
        subsystems.remove(subsystem);
    }

    /**
     * A namespace is there: whoever uses its subsystem on this reactor can reach it from now on, unless it went
     * already.
     */
    void added(Namespace namespace) {
        SubsystemGroup user = subsystems.get(namespace.subsystem());
        boolean isThere = namespace.subsystem().namespace(namespace.nsid) == namespace;
        if (user != null && isThere) {
            user.open(namespace);
        }
    }

    /** A namespace goes: {@code done} runs once nothing on this reactor uses it. */
    void removed(Namespace namespace, Runnable done) {
        SubsystemGroup user = subsystems.get(namespace.subsystem());
        if (user == null) {
            done.run();
        } else {
            user.close(namespace, done);
        }
    }

    void resized(Namespace namespace, long blocks) {
        SubsystemGroup user = subsystems.get(namespace.subsystem());
        if (user != null) {
            user.resized(namespace, blocks);
        }
    }

    void connected(TargetQueue queue) {
        queues.add(queue);
        if (queue.qid() == 0) {
            adminQueues++;
        } else {
            ioQueues++;
        }
    }

    void closed(TargetQueue queue) {
        queues.remove(queue);
    }

    /** Commands that wait for room. */
    long waiting() {
        long waiting = 0;
        for (SubsystemGroup subsystem : subsystems.values()) {
            waiting += subsystem.waiting();
        }
        return waiting;
    }

    /** The queues with a controller. */
    Set<TargetQueue> queues() {
        return queues;
    }

    /** Ends every connection. */
    void disconnectAll(String why) {
        for (TargetQueue queue : queues.toArray(TargetQueue[]::new)) {
            queue.disconnect(why);
        }
    }
}
