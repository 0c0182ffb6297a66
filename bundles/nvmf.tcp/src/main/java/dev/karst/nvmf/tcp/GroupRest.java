package dev.karst.nvmf.tcp;

import dev.karst.base.ReactorConfined;
import dev.karst.reactor.Timer;
import dev.karst.stream.Connections;

/**
 * Waits until the connections of a group are at rest, so that they can be handed over: nothing is read any more, what is being
 * executed ends, and answers are sent. Hosts wait meanwhile, so the wait is short.
 */
@ReactorConfined
final class GroupRest extends Timer {
    /** How long commands may take; connections that are not at rest then are not handed over. */
    static final long COMMANDS_NANOS = 2_000_000_000L;
    /** How long a host may take to accept answers; what it has not accepted then is handed over too. */
    static final long ANSWERS_NANOS = 50_000_000L;

    private static final long CHECK_NANOS = 100_000;

    private final TcpGroup group;
    private final Connections<TcpConnection> connections;
    private final Runnable done;
    private final long sinceNanos;

    GroupRest(TcpGroup group, Connections<TcpConnection> connections, Runnable done) {
        this.group = group;
        this.connections = connections;
        this.done = done;
        sinceNanos = group.reactor().nowNanos();
    }

    @Override
    public void expired() {
        long waited = group.reactor().nowNanos() - sinceNanos;
        if (waited >= COMMANDS_NANOS || areAtRest(waited >= ANSWERS_NANOS)) {
            done.run();
        } else {
            group.reactor().schedule(this, CHECK_NANOS);
        }
    }

    private boolean areAtRest(boolean withAnswersLeft) {
        for (int i = 0; i < connections.size(); i++) {
            TcpConnection connection = connections.get(i);
            if (!connection.isAtRest() || !withAnswersLeft && !connection.sender().isEmpty()) {
                return false;
            }
        }
        return true;
    }
}
