package dev.karst.nvmf.core.model;

import dev.karst.base.StorageException;
import dev.karst.nvmf.core.reservation.Access;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.UUID;

/**
 * The namespaces of a subsystem as the I/O queues of one reactor reach them; there while there is such a queue.
 * Reactor-confined.
 */
public final class SubsystemGroup {
    private static final Logger LOG = System.getLogger(SubsystemGroup.class.getName());
    private static final Runnable NOTHING = () -> {};

    private final Subsystem subsystem;
    private final ReactorGroup group;
    /** By NSID - 1. */
    private final NamespaceChannel[] channels;
    private int queues;
    private boolean paused;
    private Command firstHeld;
    private Command lastHeld;

    public SubsystemGroup(Subsystem subsystem, ReactorGroup group) {
        this.subsystem = subsystem;
        this.group = group;
        paused = subsystem.isPaused();
        channels = new NamespaceChannel[subsystem.maxNamespaces];
        for (Namespace namespace : subsystem.namespaces()) {
            if (namespace != null) {
                open(namespace);
            }
        }
    }

    public void enter() {
        queues++;
    }

    /** An I/O queue went, and none of its commands is left. */
    public void leave(TargetQueue queue) {
        assert queue.isClosing() : "a queue left before it closed";
        leave();
    }

    /** One that entered goes. */
    void leave() {
        if (--queues > 0) {
            return;
        }
        group.drop(subsystem);
        for (int i = 0; i < channels.length; i++) {
            if (channels[i] != null) {
                channels[i].close(NOTHING);
                channels[i] = null;
            }
        }
    }

    /** Whether commands are held. */
    boolean isPaused() {
        return paused;
    }

    /** Keeps a command until the subsystem goes on. */
    void hold(Command command) {
        command.held = true;
        command.nextHeld = null;
        if (firstHeld == null) {
            firstHeld = command;
        } else {
            lastHeld.nextHeld = command;
        }
        lastHeld = command;
    }

    /** Lets go of a command that is held. */
    void drop(Command command) {
        command.held = false;
        Command before = null;
        for (Command at = firstHeld; at != command; at = at.nextHeld) {
            before = at;
        }
        if (before == null) {
            firstHeld = command.nextHeld;
        } else {
            before.nextHeld = command.nextHeld;
        }
        if (lastHeld == command) {
            lastHeld = before;
        }
    }

    /** Holds commands from now on; {@code idle} runs once none that came before does I/O. */
    void pause(Runnable idle) {
        paused = true;
        int[] left = {1};
        Runnable oneLess = () -> {
            if (--left[0] == 0) {
                idle.run();
            }
        };
        for (NamespaceChannel channel : channels) {
            if (channel != null) {
                left[0]++;
                channel.whenIdle(oneLess);
            }
        }
        oneLess.run();
    }

    /** Executes what was held, in order of arrival, and holds no more. */
    void resume() {
        paused = false;
        while (firstHeld != null) {
            Command command = firstHeld;
            drop(command);
            command.queue.proceed(command);
        }
    }

    /** The way to a namespace, or null. */
    public NamespaceChannel channel(long nsid) {
        long index = nsid - 1;
        return index >= 0 && index < channels.length ? channels[(int) index] : null;
    }

    public void open(Namespace namespace) {
        int index = namespace.nsid - 1;
        if (channels[index] != null) {
            return;
        }
        try {
            channels[index] = new NamespaceChannel(namespace, namespace.openChannel(group.reactor));
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "{0} cannot be reached on reactor {1}: {2}", namespace, group.reactor.id(),
                e.getMessage());
        }
    }

    public void close(Namespace namespace, Runnable done) {
        NamespaceChannel channel = channels[namespace.nsid - 1];
        if (channel == null || channel.namespace != namespace) {
            done.run();
            return;
        }
        channels[namespace.nsid - 1] = null;
        channel.close(done);
    }

    /** What a reservation lets whom do has changed: {@code done} runs when no command is left that it would refuse. */
    public void reserved(Namespace namespace, Access access, Set<UUID> aborted, Runnable done) {
        NamespaceChannel channel = channels[namespace.nsid - 1];
        if (channel == null || channel.namespace != namespace) {
            done.run();
        } else {
            ReservationFence.raise(group, channel, access, aborted, done);
        }
    }

    /** Commands that wait for room. */
    public long waiting() {
        long waiting = 0;
        for (NamespaceChannel channel : channels) {
            waiting += channel == null ? 0 : channel.waiting();
        }
        return waiting;
    }

    public void resized(Namespace namespace, long blocks) {
        NamespaceChannel channel = channels[namespace.nsid - 1];
        if (channel != null && channel.namespace == namespace) {
            channel.blocks = blocks;
        }
    }
}
