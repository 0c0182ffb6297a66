package dev.karst.iscsi.session;

import dev.karst.base.ReactorConfined;
import dev.karst.env.Readiness;
import dev.karst.env.Region;
import dev.karst.env.StreamSocket;
import dev.karst.iscsi.login.Parameters;
import dev.karst.spec.iscsi.AsyncMessage;
import dev.karst.spec.iscsi.Bhs;
import dev.karst.spec.iscsi.Reject;
import dev.karst.stream.BufferShare;
import dev.karst.stream.Connections;
import dev.karst.stream.SendQueue;
import dev.karst.stream.Turn;

/** One connection: its life, its PDUs in order, and the requests that they make up. */
@ReactorConfined
public final class Connection extends Turn implements Connections.Member {
    /** Where a connection stands. */
    enum State {
        LOGIN,
        FULL_FEATURE,
        /** It has been told that it is logged out, or why it may not log in; the initiator should close. */
        CLOSING,
        CLOSED
    }

    /** How long a login may take. */
    private static final long LOGIN_NANOS = 15_000_000_000L;
    /** How long an initiator may take to close after a logout. */
    private static final long CLOSING_NANOS = 5_000_000_000L;
    /** How long an initiator may take to log out when it is asked to. */
    private static final long LOGOUT_NANOS = 30_000_000_000L;
    private static final long NANOS_PER_S = 1_000_000_000L;
    /** How long an initiator may take nothing, or owe data, without any progress. */
    private static final long STALL_NANOS = 30_000_000_000L;

    private final Group group;
    private final StreamSocket socket;
    private final int portalGroup;
    private final String peer;
    private final Region memory;
    /** Its number among all connections there were. */
    private final int id;
    private final SendQueue<Task> sender = new SendQueue<>() {
        @Override
        protected void sent(Task task) {
            answers.sent(task);
        }
    };
    private final Receiver receiver;
    private final Answers answers;
    private final BufferShare share = new BufferShare();
    private final NopIns nopIns;
    private final Bygone bygone = new Bygone();
    /** Until it is admitted. */
    private LoginPhase login;

    /** From when the login has led to it. */
    private Session session;

    // From the full feature phase on.
    private int cid;
    private Parameters parameters;
    private Requests requests;

    private State state = State.LOGIN;
    private boolean isReleased;
    private Runnable whenAlone;
    private long sinceNanos;
    /** By when the initiator is to log out; 0 when it need not. */
    private long logoutByNanos;
    /** When the initiator last took something, or nothing was left to take. */
    private long lastSentNanos;

    Connection(Group group, StreamSocket socket, int portalGroup, Region memory) {
        this.group = group;
        this.socket = socket;
        this.portalGroup = portalGroup;
        this.memory = memory;
        peer = socket.peer();
        id = group.host().sessions().newConnectionId();
        sinceNanos = lastSentNanos = group.reactor().nowNanos();
        nopIns = new NopIns(this);
        receiver = new Receiver(this, group.received(), memory.address(), group.crc());
        answers = new Answers(this, memory.address() + Receiver.REST_BYTES);
        login = new LoginPhase(this, memory.address() + Receiver.REST_BYTES + Answers.CONTROL_BYTES);
    }

    /** Bytes of memory that a connection needs for itself. */
    static int memoryBytes() {
        return Receiver.REST_BYTES + Answers.CONTROL_BYTES + LoginPhase.MEMORY_BYTES;
    }

    void start() {
        socket.watch(group.reactor().events(), new Readiness() {
            @Override
            public void readable() {
                group.round().ready(Connection.this);
            }

            @Override
            public void writable() {
                group.round().dirty(Connection.this);
            }
        });
    }

    // What the parts of a connection use.

    Group group() {
        return group;
    }

    public int cid() {
        return cid;
    }

    @Override
    public Turn turn() {
        return this;
    }

    @Override
    public StreamSocket socket() {
        return socket;
    }

    /** The initiator's end, for people to read. */
    public String peer() {
        return peer;
    }

    /** This end. */
    public String local() {
        return socket.local();
    }

    int portalGroup() {
        return portalGroup;
    }

    Group.Described describe() {
        boolean known = session != null && session.node() != null;
        String name = initiator();
        return new Group.Described(id, cid, session == null ? 0 : session.tsih(), peer, socket.local(), name == null ? "" : name,
            known ? session.node().name() : "");
    }

    /** Who it says it is; for people to read. */
    String initiator() {
        return session != null ? session.initiator() : login == null ? null : login.initiator();
    }

    Session session() {
        return session;
    }

    SendQueue<Task> sender() {
        return sender;
    }

    Answers answers() {
        return answers;
    }

    Receiver receiver() {
        return receiver;
    }

    /** Its requests, from the full feature phase on. */
    Requests requests() {
        return requests;
    }

    NopIns nopIns() {
        return nopIns;
    }

    /** What was negotiated for this connection; what holds for the session as a whole is in {@link Session#parameters}. */
    Parameters parameters() {
        return parameters;
    }

    BufferShare share() {
        return share;
    }

    Bygone bygone() {
        return bygone;
    }

    @Override
    protected boolean isClosed() {
        return state == State.CLOSED;
    }

    /** Whether no more answers are sent. */
    boolean isEnding() {
        return state == State.CLOSING || state == State.CLOSED;
    }

    // Bytes in.

    @Override
    protected boolean read() {
        return receiver.receive(socket);
    }

    @Override
    protected void flush() {
        if (state == State.CLOSED) {
            return;
        }
        long before = sender.total();
        int outcome = sender.flush(socket);
        if (sender.total() > before || outcome == 0) {
            lastSentNanos = group.reactor().nowNanos();
        }
        if (outcome == 0 && state == State.CLOSING) {
            socket.shutdownOutput();
        } else if (outcome < 0 && outcome != StreamSocket.AGAIN) {
            fail();
        }
    }

    @Override
    protected void failed(Throwable failure) {
        group.counters().failures++;
        group.log().failed(this, failure);
        fail();
    }

    /** The initiator closed, or the connection broke. */
    void streamEnded(int count) {
        assert count <= 0 && count != StreamSocket.AGAIN;
        fail();
    }

    /** Whether a header that begins so may come, by its lengths; if not, nothing of what follows can be understood. */
    boolean checkLengths(long pdu) {
        int length = Bhs.dataLength(pdu);
        boolean inLogin = state == State.LOGIN;
        if (inLogin && Bhs.OPCODE.get(pdu) != Bhs.LOGIN_REQUEST) {
            breach("a PDU with opcode 0x" + Integer.toHexString(Bhs.OPCODE.get(pdu)) + " before the login");
            return false;
        }
        int most = inLogin ? LoginPhase.MAX_TEXT : parameters.ownMaxRecv;
        if (length > most || inLogin && Bhs.ahsBytes(pdu) > 0) {
            if (!inLogin) {
                answers.reject(Reject.PROTOCOL_ERROR, pdu);
                sender.flush(socket);
            }
            breach("a PDU with " + length + " bytes of data and " + Bhs.ahsBytes(pdu) + " of additional header");
            return false;
        }
        return true;
    }

    /** RFC 7143, 7.8: at level 0 nobody can say what was lost. */
    void headerCorrupt() {
        group.counters().digestErrors++;
        breach("a header digest is wrong");
    }

    /** The initiator broke the protocol in a manner that ends the connection. */
    void breach(String what) {
        group.counters().protocolErrors++;
        group.log().protocolError(this, what);
        fail();
    }

    /** A PDU's header has come; its data, if any, comes next. */
    void pdu(long pdu, int dataLength) {
        nopIns.heard();
        switch (state) {
            case LOGIN -> login.header(pdu, dataLength);
            case FULL_FEATURE -> requests.pdu(pdu, dataLength);
            case CLOSING, CLOSED -> { }
        }
    }

    /** The data of the PDU has come; its digest, if it has one, is right or not. */
    void dataEnded(boolean right) {
        switch (state) {
            case LOGIN -> login.textEnded();
            case FULL_FEATURE -> requests.dataEnded(right);
            case CLOSING, CLOSED -> { }
        }
    }

    /** Something happened at a logical unit that the initiator will want to ask for. */
    void tellAttention(int lun, int asc) {
        if (state == State.FULL_FEATURE) {
            answers.scsiEvent(lun, asc);
        }
    }

    // From the login to the full feature phase.

    /** The login; null once the connection is admitted. */
    LoginPhase login() {
        return login;
    }

    /** The login has led to a session, which this connection belongs to from now on, though it may not have begun. */
    void belongsTo(Session another) {
        session = another;
    }

    /** The session has begun, or taken this connection in: the last answer of the login goes out. */
    void admitted() {
        cid = login.cid();
        parameters = login.parameters();
        requests = new Requests(this);
        login.finish();
        receiver.digests(parameters.headerDigest, parameters.dataDigest);
        answers.digests(parameters.headerDigest, parameters.dataDigest);
        state = State.FULL_FEATURE;
        nopIns.heard();
        login = null;
    }

    /**
     * The login goes on at another connection with the same socket, on another reactor; nothing of this one is used any more. False, and
     * nothing happens, when bytes have come that would be lost.
     */
    boolean move() {
        if (receiver.hasMore() || !sender.isEmpty()) {
            return false;
        }
        state = State.CLOSED;
        socket.unwatch();
        released();
        return true;
    }

    /** The login goes on that began at another connection. */
    void goOn(LoginPhase begun) {
        login = begun.movedTo(this, memory.address() + Receiver.REST_BYTES + Answers.CONTROL_BYTES);
    }

    // Time and end.

    @Override
    public void checkTime(long nowNanos) {
        long stalledBefore = nowNanos - STALL_NANOS;
        String late = switch (state) {
            case LOGIN -> nowNanos - sinceNanos > LOGIN_NANOS ? "the login" : null;
            case FULL_FEATURE -> !sender.isEmpty() && lastSentNanos < stalledBefore ? "it takes no answers"
                : requests.intake().isOwedSince(stalledBefore) ? "it owes data"
                : logoutByNanos != 0 && nowNanos > logoutByNanos ? "it does not log out" : nopIns.check(nowNanos);
            case CLOSING -> nowNanos - sinceNanos > CLOSING_NANOS ? "the close" : null;
            case CLOSED -> null;
        };
        if (late != null) {
            group.counters().timedOut++;
            group.log().timedOut(this, late);
            fail();
        }
    }

    /** Asks the initiator to log out. */
    void requestLogout() {
        if (state == State.FULL_FEATURE && logoutByNanos == 0) {
            logoutByNanos = group.reactor().nowNanos() + LOGOUT_NANOS;
            answers.event(AsyncMessage.REQUEST_LOGOUT, 0, (int) (LOGOUT_NANOS / NANOS_PER_S));
        }
    }

    /** Nothing more is read; what is queued is sent, then the initiator is to close. */
    void closeSoon() {
        state = State.CLOSING;
        sinceNanos = group.reactor().nowNanos();
        receiver.discard();
        if (requests != null) {
            requests.dropUnfinished();
        }
        group.round().dirty(this);
    }

    /** Ends by a failure, with its session. */
    void fail() {
        if (state == State.CLOSED) {
            return;
        }
        boolean loggedOut = state == State.CLOSING;
        end();
        if (session != null) {
            session.left(this, !loggedOut);
            releaseIfAlone();
        }
    }

    /** Ends now, and nothing else does. What the device still has comes back. */
    void end() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        receiver.discard();
        sender.clear();
        socket.unwatch();
        socket.close();
        if (requests != null) {
            requests.dropUnfinished();
        }
        if (session == null) {
            released();
        }
    }

    /** The session goes on without it: it goes once its last command has come back. */
    void releaseIfAlone() {
        if (state == State.CLOSED && (requests == null || requests.executing() == 0) && !session.connections().contains(this)) {
            released();
        }
    }

    /** Another connection takes its place: its commands are aborted, and {@code then} runs when all have come back. */
    void replace(Runnable then) {
        end();
        whenAlone = then;
        requests.abortAll();
        session.remove(this);
        releaseIfAlone();
    }

    /** Nothing of it is used any more. */
    void released() {
        if (isReleased) {
            return;
        }
        isReleased = true;
        if (requests != null) {
            requests.tasks().close();
        }
        group.leave(this, memory);
        if (whenAlone != null) {
            whenAlone.run();
        }
    }
}
