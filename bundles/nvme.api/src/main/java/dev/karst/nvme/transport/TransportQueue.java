package dev.karst.nvme.transport;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.nvme.Injections;
import dev.karst.nvme.Injections.Injection;
import dev.karst.nvme.NvmeQueuePair;
import dev.karst.nvme.NvmeRequest;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.Timer;
import dev.karst.spec.nvme.NvmeStatus;

/**
 * A queue pair as its transport makes it and the driver runs it: the table of what is in flight, so that each request ends once.
 *
 * <pre>
 *  15        12 11                      0
 * +------------+-------------------------+
 * | generation |          slot           |   CID: a late or false completion does not end a slot's next request
 * +------------+-------------------------+
 * </pre>
 */
@ReactorConfined
public abstract class TransportQueue extends NvmeQueuePair {
    /** Most requests in flight. */
    public static final int MOST_IN_FLIGHT = 4095;

    private static final int SLOT_BITS = 12;
    private static final int SLOT_MASK = (1 << SLOT_BITS) - 1;
    private static final int CID_MASK = 0xffff;
    private static final Injections NO_INJECTIONS = new Injections();

    /** Who runs the queue: told, on its reactor, what the transport sees. */
    public abstract static class Owner {
        /** The connection broke, or the device breaks the protocol: the queue takes nothing more until it is connected anew. */
        public abstract void lost(TransportQueue queue, String why);

        /** Somebody wants this request aborted. */
        public abstract void abort(TransportQueue queue, int cid);

        /** Errors that the commands of its queues are to end with. Any thread. */
        public Injections injections(int qid) {
            return NO_INJECTIONS;
        }
    }

    private final int id;
    private final Reactor reactor;
    private final Owner owner;
    private final NvmeRequest[] requests;
    /** For each slot the CID of its next or present request. */
    private final int[] cids;
    /** For each slot when its request was taken. */
    private final long[] startNanos;
    private final int[] free;
    private final Injections injections;
    /** For each slot the error that its request is to end with, or null. */
    private final Injection[] injected;
    private int freeCount;
    private boolean connected;

    protected TransportQueue(int id, int depth, Reactor reactor, Owner owner) {
        this.id = id;
        this.reactor = reactor;
        this.owner = owner;
        int slots = Math.min(depth, MOST_IN_FLIGHT);
        requests = new NvmeRequest[slots];
        cids = new int[slots];
        startNanos = new long[slots];
        free = new int[slots];
        injections = owner.injections(id);
        injected = new Injection[slots];
        for (int slot = 0; slot < slots; slot++) {
            cids[slot] = slot;
            free[slot] = slots - 1 - slot;
        }
        freeCount = slots;
    }

    /**
     * Connects, also after it was closed: from then on {@link #start} is called. Control threads; blocks.
     *
     * @param inCapsuleBytes how much data of a command to the controller may go in its capsule
     * @throws StorageException ECONNREFUSED, ETIMEDOUT, EPROTO, …
     */
    public abstract void connect(int inCapsuleBytes) throws StorageException;

    /**
     * Lets go of the connection; from when it returns nothing touches the memory of what is in flight. A part of {@link #cut}, which is what
     * the driver calls. On the reactor.
     */
    public abstract void disconnect();

    /** Gives back its memory; it is disconnected. Control threads. */
    public abstract void release();

    /**
     * Sends the command. The request ends through {@link #completed}, not inside this call.
     *
     * @return {@link Status#OK}; {@link Status#NO_RESOURCE} when there is no room at the moment; {@link Status#INVALID}; {@link
     *     Status#NOT_CONNECTED} when the connection broke before {@link #connected}: {@link #lost} follows then
     */
    protected abstract int start(NvmeRequest request, int cid);

    /** So many requests in flight are no reason to stay awake: the controller answers them when it has something to say. On the reactor. */
    public void quiet(int requests) {}

    /** Takes requests from now on, or none any more. On the reactor. */
    public final void connected(boolean connected) {
        this.connected = connected;
    }

    @Override
    public final int id() {
        return id;
    }

    @Override
    public final Reactor reactor() {
        return reactor;
    }

    @Override
    public final int depth() {
        return requests.length;
    }

    @Override
    public final int inFlight() {
        return requests.length - freeCount;
    }

    @Override
    public final boolean isConnected() {
        return connected;
    }

    @Override
    public final int submit(NvmeRequest request) {
        return connected ? begin(request) : Status.NOT_CONNECTED;
    }

    /** For the driver: takes the request that makes the other side take others, which are refused until {@link #connected}. */
    public final int submitFirst(NvmeRequest request) {
        return begin(request);
    }

    private int begin(NvmeRequest request) {
        if (freeCount == 0) {
            return Status.NO_RESOURCE;
        }
        int slot = free[freeCount - 1];
        Injection injection = injections.next(request.opcode);
        if (injection != null) {
            return beginInjected(request, slot, injection);
        }
        int status = start(request, cids[slot]);
        if (status == Status.OK) {
            take(request, slot);
        }
        return status;
    }

    private int beginInjected(NvmeRequest request, int slot, Injection injection) {
        int cid = cids[slot];
        int status = injection.kept() ? Status.OK : start(request, cid);
        if (status == Status.OK) {
            take(request, slot);
            injected[slot] = injection;
        } else {
            injection.left().incrementAndGet();
        }
        if (injection.kept()) {
            reactor.schedule(new Timer() {
                @Override
                public void expired() {
                    completed(cid, injection.status(), 0);
                }
            }, Math.max(1, injection.delayNanos()));
        }
        return status;
    }

    /** Room for both is what a transport must see before it starts the first: {@link #hasRoom}. */
    @Override
    public final int submitFused(NvmeRequest first, NvmeRequest second) {
        if (!connected) {
            return Status.NOT_CONNECTED;
        }
        if (freeCount < 2 || !hasRoom(2)) {
            return Status.NO_RESOURCE;
        }
        if (fits(first.data) < first.data.bytes() || fits(second.data) < second.data.bytes()) {
            return Status.INVALID;
        }
        int status = submit(first);
        return status == Status.OK ? submit(second) : status;
    }

    /** Whether so many requests can be started now. */
    protected abstract boolean hasRoom(int requests);

    private void take(NvmeRequest request, int slot) {
        freeCount--;
        requests[slot] = request;
        startNanos[slot] = reactor.nowNanos();
        request.started(this, cids[slot]);
    }

    /** The slot of a CID: from 0, below {@link #MOST_IN_FLIGHT}, and below {@link #depth} for one of a request in flight. */
    protected static int slot(int cid) {
        return cid & SLOT_MASK;
    }

    /** The request of that CID, or null when none is in flight: then the device says what it cannot mean. */
    protected final NvmeRequest request(int cid) {
        int slot = slot(cid);
        return slot < requests.length && cids[slot] == cid ? requests[slot] : null;
    }

    /**
     * The device answered.
     *
     * @param status the completion's status field, without its phase
     * @return false when no request of that CID is in flight; the transport then calls {@link #lost}
     */
    protected final boolean completed(int cid, int status, long result) {
        NvmeRequest request = request(cid);
        if (request == null) {
            return false;
        }
        int slot = slot(cid);
        Injection injection = injected[slot];
        give(slot).end(injection == null ? status : injection.status(), result);
        return true;
    }

    private NvmeRequest give(int slot) {
        NvmeRequest request = requests[slot];
        requests[slot] = null;
        injected[slot] = null;
        cids[slot] = cids[slot] + (1 << SLOT_BITS) & CID_MASK;
        free[freeCount++] = slot;
        return request;
    }

    /**
     * Ends its life for now: nothing more is taken until it is {@linkplain #connected connected} again, the transport lets go, and then all
     * that is in flight ends with {@code COMMAND_ABORTED_BY_HOST}, once each. On the reactor; the device is stopped, or the connection
     * ends here.
     */
    public final void cut() {
        connected = false;
        disconnect();
        for (int slot = 0; slot < requests.length; slot++) {
            if (requests[slot] != null) {
                give(slot).end(NvmeStatus.COMMAND_ABORTED_BY_HOST, 0);
            }
        }
    }

    /** For the transport: the connection broke, or the device breaks the protocol. */
    protected final void lost(String why) {
        if (connected || inFlight() > 0) {
            connected = false;
            owner.lost(this, why);
        }
    }

    @Override
    public final void abort(NvmeRequest request) {
        if (request.queue() == this) {
            owner.abort(this, request.cid());
        }
    }

    /** The oldest request in flight that was taken before that time, or null. For time-outs, not for each I/O. */
    public final NvmeRequest oldestBefore(long nanos) {
        NvmeRequest oldest = null;
        long since = nanos;
        for (int slot = 0; slot < requests.length; slot++) {
            if (requests[slot] != null && startNanos[slot] < since) {
                oldest = requests[slot];
                since = startNanos[slot];
            }
        }
        return oldest;
    }
}
