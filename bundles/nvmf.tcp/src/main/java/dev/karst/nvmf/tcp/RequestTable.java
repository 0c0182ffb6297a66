package dev.karst.nvmf.tcp;

import dev.karst.base.ReactorConfined;
import dev.karst.env.Memory;
import dev.karst.stream.SlotPool;

/** The commands of one connection, up to the queue's entries, and which has which command identifier. */
@ReactorConfined
final class RequestTable extends SlotPool<TcpRequest> {
    private final TcpConnection connection;
    /** Requests in flight by the low bits of their command identifiers. */
    private TcpRequest[] byCid = new TcpRequest[1];
    private int capsuleBytes;

    /** The first requests are made before it is known what queue this is: they have room for any capsule. */
    RequestTable(TcpConnection connection, Memory memory, int limit, int capsuleBytes) {
        super(memory, "nvmf.tcp requests", limit, Math.max(capsuleBytes, connection.options().inCapsuleBytes()), TcpRequest.MEMORY_BYTES);
        this.connection = connection;
        this.capsuleBytes = capsuleBytes;
    }

    @Override
    protected TcpRequest make(int slot, long room, long own) {
        TcpRequest request = new TcpRequest(connection, slot, own, room);
        connection.queue().prepare(request);
        return request;
    }

    /** From now on up to {@code limit} commands, with up to this much data in a capsule. */
    void resize(int limit, int capsuleBytes) {
        limit(limit, capsuleBytes);
        this.capsuleBytes = capsuleBytes;
        rehash();
    }

    /** Most data in a capsule. */
    int capsuleBytes() {
        return capsuleBytes;
    }

    /** The request is done. */
    void release(TcpRequest request) {
        if (request.ownsCid) {
            releaseCid(request);
        }
        request.view.release();
        request.state = TcpRequest.State.FREE;
        give(request);
    }

    /** The request that a transfer tag stands for, or null. A tag is a slot's number plus 1, so that 0 is none. */
    TcpRequest byTag(int ttag) {
        return ttag >= 1 && ttag <= size() ? at(ttag - 1) : null;
    }

    static int tagOf(TcpRequest request) {
        return request.slot() + 1;
    }

    /** Marks the request's command identifier as in use by it; false if another has it already. */
    boolean claimCid(TcpRequest request) {
        int bucket = bucket(request);
        for (TcpRequest other = byCid[bucket]; other != null; other = other.nextOfCid) {
            if (other.cid == request.cid) {
                return false;
            }
        }
        link(request, bucket);
        request.ownsCid = true;
        return true;
    }

    private int bucket(TcpRequest request) {
        return request.cid & byCid.length - 1;
    }

    private void link(TcpRequest request, int bucket) {
        request.nextOfCid = byCid[bucket];
        byCid[bucket] = request;
    }

    private void releaseCid(TcpRequest request) {
        int bucket = bucket(request);
        if (byCid[bucket] == request) {
            byCid[bucket] = request.nextOfCid;
        } else {
            TcpRequest before = byCid[bucket];
            while (before.nextOfCid != request) {
                before = before.nextOfCid;
            }
            before.nextOfCid = request.nextOfCid;
        }
        request.nextOfCid = null;
        request.ownsCid = false;
    }

    private void rehash() {
        byCid = new TcpRequest[Integer.highestOneBit(2 * limit() - 1)];
        for (int slot = 0; slot < size(); slot++) {
            if (at(slot).ownsCid) {
                link(at(slot), bucket(at(slot)));
            }
        }
    }
}
