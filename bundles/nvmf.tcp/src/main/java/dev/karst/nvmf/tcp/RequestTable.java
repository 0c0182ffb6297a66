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
    private static final int FIRST_SLAB_REQUESTS = 1;
    private static final int SLAB_REQUESTS = 8;
    private static final int PAGE_BYTES = 4096;

    private final TcpConnection connection;
    private final Memory memory;
    private final List<Region> slabs = new ArrayList<>();
    /** Requests in flight by the low bits of their command identifiers. */
    private TcpRequest[] byCid;
    private TcpRequest[] requests = new TcpRequest[0];
    private TcpRequest[] free = new TcpRequest[0];
    private int freeCount;
    /** Room that each new request gets for the data of a capsule; the first are made before it is known what queue this is. */
    private int roomBytes;
    private int limit;
    private int capsuleBytes;

    RequestTable(TcpConnection connection, Memory memory, int limit, int capsuleBytes) {
        this.connection = connection;
        this.memory = memory;
        this.limit = limit;
        this.capsuleBytes = capsuleBytes;
        roomBytes = pages(Math.max(capsuleBytes, connection.options().inCapsuleBytes()));
        byCid = new TcpRequest[buckets(FIRST_SLAB_REQUESTS)];
    }

    private static int pages(int bytes) {
        return bytes + PAGE_BYTES - 1 & -PAGE_BYTES;
    }

    private static int buckets(int requests) {
        return Integer.highestOneBit(2 * requests - 1);
    }

    /** From now on up to {@code limit} commands, with up to this much data in a capsule. */
    void resize(int limit, int capsuleBytes) {
        assert capsuleBytes <= roomBytes : "capsules larger than the room for them";
        this.limit = limit;
        this.capsuleBytes = capsuleBytes;
        roomBytes = pages(capsuleBytes);
        rehash();
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

    /** The request that a transfer tag stood for before the connection was handed over; null if it cannot be had. */
    TcpRequest take(int tag) {
        while (tag > requests.length && grow()) {
            // A slab at a time.
        }
        for (int i = 0; i < freeCount; i++) {
            if (tagOf(free[i]) == tag) {
                TcpRequest taken = free[i];
                free[i] = free[--freeCount];
                return taken;
            }
        }
        return null;
    }

    void give(TcpRequest request) {
        if (request.ownsCid) {
            releaseCid(request);
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
        byCid = new TcpRequest[buckets(limit)];
        for (TcpRequest request : requests) {
            if (request.ownsCid) {
                link(request, bucket(request));
            }
        }
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
        int more = Math.min(slabs.isEmpty() ? FIRST_SLAB_REQUESTS : SLAB_REQUESTS, limit - requests.length);
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
        return true;
    }

    void close() {
        for (Region slab : slabs) {
            memory.free(slab);
        }
        slabs.clear();
    }
}
