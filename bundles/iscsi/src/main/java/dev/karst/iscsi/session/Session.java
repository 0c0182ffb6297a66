package dev.karst.iscsi.session;

import dev.karst.base.ReactorConfined;
import dev.karst.iscsi.login.Login;
import dev.karst.iscsi.login.Parameters;
import dev.karst.iscsi.model.TargetNode;
import dev.karst.scsi.InitiatorPort;
import dev.karst.scsi.NexusOwner;
import dev.karst.scsi.ScsiNexus;
import dev.karst.scsi.TargetPort;
import dev.karst.spec.iscsi.LoginStatus;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * A session: connections of one initiator port, all on one reactor, and for a normal session an I_T nexus. A connection that fails takes
 * the session with it: error recovery level 0. RFC 7143, 4.2 and 7.1.
 */
@ReactorConfined
public final class Session implements NexusOwner {
    /** What there is one session of: an initiator port at a target port. */
    record Key(String initiatorPort, TargetNode node, int portalGroup) {}

    private enum State {
        /** A session between the same ports has to end first. */
        AWAITING_PREDECESSOR,
        OPEN,
        ENDING,
        GONE
    }

    private final Group group;
    private final String initiator;
    private final long isid;
    private final String portName;
    private final InetAddress peer;
    private final TargetNode node;
    private final int portalGroup;
    private final Parameters parameters;
    private final CommandWindow window;
    private final Key key;
    private final List<Connection> connections = new ArrayList<>();
    /** Those that wait for the end of it. */
    private final List<Runnable> whenGone = new ArrayList<>();
    private State state = State.AWAITING_PREDECESSOR;
    private int tsih;
    private ScsiNexus nexus;

    /** A session that a login has led to; on its reactor. */
    Session(Group group, Login login, int cmdSn) {
        this.group = group;
        initiator = login.initiator();
        isid = login.isid();
        portName = "%s,i,0x%012x".formatted(initiator, isid);
        peer = login.peer();
        node = login.node();
        portalGroup = login.portalGroup();
        parameters = login.parameters();
        int most = login.catalogue().options().maxQueueDepth();
        int depth = node == null ? 1 : Math.min(node.spec.queueDepth(), most);
        window = new CommandWindow(Math.min(depth, CommandWindow.MAX_DEPTH), cmdSn);
        key = node == null ? null : new Key(portName, node, portalGroup);
    }

    Key key() {
        return key;
    }

    /** The connections of the reactor that it belongs to. Any thread. */
    public Group group() {
        return group;
    }

    Parameters parameters() {
        return parameters;
    }

    CommandWindow window() {
        return window;
    }

    ScsiNexus nexus() {
        return nexus;
    }

    /** The node; null for a discovery session. Any thread. */
    public TargetNode node() {
        return node;
    }

    public int tsih() {
        return tsih;
    }

    public String initiator() {
        return initiator;
    }

    /** The address that its first connection came from. Any thread. */
    public InetAddress peer() {
        return peer;
    }

    /** The portal group that its connections came by. Any thread. */
    public int portalGroup() {
        return portalGroup;
    }

    boolean isDiscovery() {
        return node == null;
    }

    /** Its connections, on its reactor. */
    public List<Connection> connections() {
        return connections;
    }

    /** Whether a login asks for a connection more of this session. */
    boolean isOf(Login login) {
        return node != null && node == login.node() && initiator.equals(login.initiator()) && isid == login.isid();
    }

    /** Gives a request its half in the device. */
    void prepare(Task task) {
        if (nexus != null) {
            nexus.prepare(task);
        }
    }

    /**
     * Begins, with its first connection: when the session that there is between the same ports has ended.
     *
     * @return false when there are too many sessions
     */
    boolean begin(Connection first, int most) {
        Sessions.Entry entry = group.host().sessions().enter(this, most);
        if (entry == null) {
            return false;
        }
        tsih = entry.tsih();
        connections.add(first);
        if (entry.before() == null) {
            open();
        } else {
            entry.before().endFor(this::open, group);
        }
        return true;
    }

    /** Ends it for a successor, which is told on its own reactor. Any thread. */
    private void endFor(Runnable successor, Group there) {
        group.reactor().execute(() -> {
            whenGone(() -> there.reactor().execute(successor));
            end();
        });
    }

    /** There is no other session between the same ports any more. */
    private void open() {
        if (state == State.ENDING) {
            released();
            return;
        }
        if (node != null) {
            TargetPort port = node.port(portalGroup);
            nexus = node.device.open(new InitiatorPort(portName, TransportId.of(portName)), port, group.reactor(), this);
        }
        state = State.OPEN;
        connections.getFirst().admitted();
    }

    /** Takes one more connection; a login status. On its reactor; the connection is on it too. */
    int join(Connection connection) {
        if (state != State.OPEN) {
            return LoginStatus.NO_SESSION;
        }
        if (connections.size() >= parameters.maxConnections) {
            return LoginStatus.TOO_MANY_CONNECTIONS;
        }
        connections.add(connection);
        connection.belongsTo(this);
        connection.admitted();
        return LoginStatus.SUCCESS;
    }

    /** A connection leaves whose place another takes. */
    void remove(Connection connection) {
        connections.remove(connection);
        advance();
    }

    /** Ends it if no connection is left. */
    void endIfEmpty() {
        if (connections.isEmpty()) {
            end();
        }
    }

    /** The connection of that identifier, or null. */
    Connection byCid(int cid) {
        for (Connection connection : connections) {
            if (connection.cid() == cid) {
                return connection;
            }
        }
        return null;
    }

    /** The request with that tag of any of its connections, or null. */
    Task byItt(int itt) {
        for (Connection connection : connections) {
            Task task = connection.requests().tasks().byItt(itt);
            if (task != null) {
                return task;
            }
        }
        return null;
    }

    /** A request is there as a whole: those whose turn has come are begun. */
    void arrived(Task task) {
        window.arrived(task);
        advance();
    }

    /** Begins those requests whose turn has come. */
    void advance() {
        for (Task next = window.next(); next != null; next = window.next()) {
            next.counted = true;
            next.connection().requests().begin(next);
        }
    }

    /** A request counts no more in the window. */
    void answered(Task task) {
        if (task.counted) {
            task.counted = false;
            window.answered();
        }
    }

    /** A connection leaves, by itself or not; the last one, and one that failed, ends the session. */
    void left(Connection connection, boolean failed) {
        if (state == State.OPEN && !failed && connections.size() > 1) {
            remove(connection);
        } else {
            end();
        }
    }

    /** Ends with all its connections: on its reactor. */
    public void end() {
        if (state == State.ENDING || state == State.GONE) {
            return;
        }
        boolean wasOpen = state == State.OPEN;
        state = State.ENDING;
        for (Connection connection : List.copyOf(connections)) {
            connection.end();
        }
        if (nexus != null) {
            nexus.close();
        } else if (wasOpen) {
            released();
        }
    }

    /** Asks the initiator to log out, and ends the session if it does not in time. On its reactor. */
    public void requestLogout() {
        if (state == State.OPEN) {
            connections.forEach(Connection::requestLogout);
        }
    }

    /** Runs {@code then} when it has gone; on its reactor. */
    public void whenGone(Runnable then) {
        if (state == State.GONE) {
            then.run();
        } else {
            whenGone.add(then);
        }
    }

    @Override
    public int maxTransferBytes() {
        return Group.MAX_TRANSFER;
    }

    @Override
    public void attention(int lun, int asc) {
        if (state == State.OPEN) {
            connections.getFirst().tellAttention(lun, asc);
        }
    }

    @Override
    public void abortWaiting(int lun, boolean told) {
        if (state == State.OPEN) {
            connections.forEach(connection -> connection.requests().abortWaiting(lun, told));
        }
    }

    @Override
    public void released() {
        state = State.GONE;
        group.host().sessions().leave(this);
        connections.forEach(Connection::released);
        connections.clear();
        whenGone.forEach(Runnable::run);
        whenGone.clear();
    }
}
