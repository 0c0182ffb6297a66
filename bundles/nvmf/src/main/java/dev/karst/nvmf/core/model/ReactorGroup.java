package dev.karst.nvmf.core.model;

import dev.karst.base.ReactorConfined;
import dev.karst.nvmf.core.reservation.Access;
import dev.karst.reactor.Reactor;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** What the queues of one reactor share. SPDK calls it a poll group. */
@ReactorConfined
public final class ReactorGroup {
    /** Bytes of {@link #page}. */
    public static final int PAGE_BYTES = 4096;

    public final Reactor reactor;
    public final Target target;
    public final CommandSet admin;
    public final CommandSet io;
    /** A page in which answers are composed and data is looked at; free between two calls from a transport. */
    public final long page;
    /** Commands of I/O queues ended so far. */
    public long finishedIo;
    /** Queues that connected so far. */
    public long adminQueues;
    public long ioQueues;

    private final Set<TargetQueue> queues = new LinkedHashSet<>();
    private final Map<Subsystem, SubsystemGroup> subsystems = new HashMap<>();

    public ReactorGroup(Reactor reactor, Target target, CommandSet admin, CommandSet io, long page) {
        this.reactor = reactor;
        this.target = target;
        this.admin = admin;
        this.io = io;
        this.page = page;
    }

    /** The namespaces of a subsystem for one more I/O queue; paired with {@link SubsystemGroup#leave}. */
    public SubsystemGroup enter(Subsystem subsystem) {
        SubsystemGroup entered = subsystems.computeIfAbsent(subsystem, it -> new SubsystemGroup(it, this));
        entered.enter();
        return entered;
    }

    /** No queue of this reactor uses the subsystem's namespaces. */
    public void drop(Subsystem subsystem) {
        subsystems.remove(subsystem);
    }

    /**
     * A namespace is there: whoever uses its subsystem on this reactor can reach it from now on, unless it went
     * already.
     */
    public void added(Namespace namespace) {
        SubsystemGroup user = subsystems.get(namespace.subsystem());
        boolean isThere = namespace.subsystem().namespace(namespace.nsid) == namespace;
        if (user != null && isThere) {
            user.open(namespace);
        }
    }

    /** A namespace goes: {@code done} runs once nothing on this reactor uses it. */
    public void removed(Namespace namespace, Runnable done) {
        SubsystemGroup user = subsystems.get(namespace.subsystem());
        if (user == null) {
            done.run();
        } else {
            user.close(namespace, done);
        }
    }

    public void resized(Namespace namespace, long blocks) {
        SubsystemGroup user = subsystems.get(namespace.subsystem());
        if (user != null) {
            user.resized(namespace, blocks);
        }
    }

    /**
     * What a reservation lets whom do has changed. It is obeyed from now on; {@code done} runs when no command is left
     * on this reactor that it would refuse, nor any of the hosts whose commands are aborted.
     */
    public void reserved(Namespace namespace, Access access, Set<UUID> aborted, Runnable done) {
        SubsystemGroup user = subsystems.get(namespace.subsystem());
        if (user == null) {
            done.run();
        } else {
            user.reserved(namespace, access, aborted, done);
        }
    }

    /** Holds the subsystem's commands; {@code idle} runs once nothing on this reactor does I/O for it. */
    public void pause(Subsystem subsystem, Runnable idle) {
        SubsystemGroup user = subsystems.get(subsystem);
        if (user == null) {
            idle.run();
        } else {
            user.pause(idle);
        }
    }

    /** Lets the subsystem's commands go on. */
    public void resume(Subsystem subsystem) {
        SubsystemGroup user = subsystems.get(subsystem);
        if (user != null) {
            user.resume();
        }
    }

    public void connected(TargetQueue queue) {
        queues.add(queue);
        if (queue.qid() == 0) {
            adminQueues++;
        } else {
            ioQueues++;
        }
    }

    public void closed(TargetQueue queue) {
        queues.remove(queue);
    }

    /** Commands that wait for room. */
    public long waiting() {
        long waiting = 0;
        for (SubsystemGroup subsystem : subsystems.values()) {
            waiting += subsystem.waiting();
        }
        return waiting;
    }

    /** The queues with a controller. */
    public Set<TargetQueue> queues() {
        return queues;
    }

    /** Ends every connection. */
    public void disconnectAll(String why) {
        for (TargetQueue queue : queues.toArray(TargetQueue[]::new)) {
            queue.disconnect(why);
        }
    }
}
