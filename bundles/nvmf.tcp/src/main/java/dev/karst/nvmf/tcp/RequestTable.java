package dev.karst.nvmf.tcp;

import dev.karst.base.ReactorConfined;
import dev.karst.base.StorageException;
import dev.karst.env.Memory;
import dev.karst.env.Region;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The commands of one connection. It starts small and grows, a slab at a time, to what the host uses, up to the queue's
 * entries; it does not shrink while the connection lives.
 */
@ReactorConfined
final class RequestTable {
    private static final int SLAB_REQUESTS = 8;
    private static final int CIDS = 1 << 16;

    private final TcpConnection connection;
    private final Memory memory;
    private final List<Region> slabs = new ArrayList<>();
    private final long[] cidsInUse = new long[CIDS / Long.SIZE];
    private TcpRequest[] requests = new TcpRequest[0];
    private TcpRequest[] free = new TcpRequest[0];
    private int freeCount;
    /** Room that each request has for the data of a capsule: the first are made before it is known what queue this is. */
    private final int roomBytes;
    private int limit;
    private int capsuleBytes;

    RequestTable(TcpConnection connection, Memory memory, int limit, int capsuleBytes) {
        this.connection = connection;
        this.memory = memory;
        this.limit = limit;
        this.capsuleBytes = capsuleBytes;
        roomBytes = Math.max(capsuleBytes, connection.options().inCapsuleBytes()) + 4095 & -4096;
    }

    /** From now on up to {@code limit} commands, with up to this much data in a capsule. */
    void resize(int limit, int capsuleBytes) {
        assert capsuleBytes <= roomBytes : "capsules larger than the room for them";
        this.limit = limit;
        this.capsuleBytes = capsuleBytes;
    }

    /** Most data in a capsule. */
    int capsuleBytes() {
        return capsuleBytes;
    }

    /** A request for a new command, or null when there are as many as the queue has entries, or no memory. */
    TcpRequest take() {
        if (inUse() >= limit || freeCount == 0 && !grow()) {
            return null;
        }
        return free[--freeCount];
    }

    void give(TcpRequest request) {
        if (request.ownsCid) {
            cidsInUse[request.cid >> 6] &= ~(1L << request.cid);
        }
        request.state = TcpRequest.State.FREE;
        free[freeCount++] = request;
    }

    /** The request that a transfer tag stands for, or null. A tag is a slot's number plus 1, so that 0 is none. */
    TcpRequest byTag(int ttag) {
        return ttag >= 1 && ttag <= requests.length ? requests[ttag - 1] : null;
    }

    static int tagOf(TcpRequest request) {
        return request.slot() + 1;
    }

    /** Marks the request's command identifier as in use by it; false if another has it already. */
    boolean claimCid(TcpRequest request) {
        long bit = 1L << request.cid;
        int word = request.cid >> 6;
        if ((cidsInUse[word] & bit) != 0) {
            return false;
        }
        cidsInUse[word] |= bit;
        request.ownsCid = true;
        return true;
    }

    /** Requests made so far. */
    int size() {
        return requests.length;
    }

    TcpRequest at(int slot) {
        return requests[slot];
    }

    int inUse() {
        return requests.length - freeCount;
    }

    /** Growth is part of the start of a queue, so it may allocate; a queue in steady use does not come here. */
    private boolean grow() {
        int more = Math.min(SLAB_REQUESTS, limit - requests.length);
        if (more <= 0) {
            return false;
        }
        long capsules = (long) more * roomBytes;
        Region slab;
        try {
            slab = memory.allocate("nvmf.tcp requests", capsules + (long) more * TcpRequest.MEMORY_BYTES);
        } catch (StorageException e) {
            return false;
        }
        slabs.add(slab);
        int first = requests.length;
        requests = Arrays.copyOf(requests, first + more);
        free = Arrays.copyOf(free, first + more);
        for (int i = 0; i < more; i++) {
            long own = slab.address() + capsules + (long) i * TcpRequest.MEMORY_BYTES;
            requests[first + i] = new TcpRequest(connection, first + i, own, slab.address() + (long) i * roomBytes);
            connection.queue().prepare(requests[first + i]);
            free[freeCount++] = requests[first + i];
        }
        connection.sender().reserve(requests.length);
        return true;
    }

    void close() {
        for (Region slab : slabs) {
            memory.free(slab);
        }
        slabs.clear();
    }
}
