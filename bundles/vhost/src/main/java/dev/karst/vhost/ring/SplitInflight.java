package dev.karst.vhost.ring;

import dev.karst.base.ReactorConfined;
import dev.karst.spec.vhostuser.InflightSplitEntry;
import dev.karst.spec.vhostuser.InflightSplitQueue;
import java.lang.invoke.VarHandle;

/** The chains of a split ring in flight. vhost-user, Inflight I/O tracking. */
@ReactorConfined
final class SplitInflight extends Inflight {
    private static final int MASK = 0xffff;

    /** Takes the memory over, of a ring whose used index is this. */
    SplitInflight(long address, int size, int usedIndex) {
        super(address, size);
        if (InflightSplitQueue.VERSION.get(address) != VERSION || InflightSplitQueue.DESC_NUM.get(address) != size) {
            InflightSplitQueue.VERSION.set(address, 0);
            VarHandle.releaseFence();
            for (int i = 0; i < size; i++) {
                InflightSplitEntry.INFLIGHT.set(entry(i), 0);
            }
            InflightSplitQueue.USED_IDX.set(address, usedIndex);
            InflightSplitQueue.DESC_NUM.set(address, size);
            VarHandle.releaseFence();
            InflightSplitQueue.VERSION.set(address, VERSION);
        }
        finish(usedIndex);
        collect();
    }

    private long entry(int id) {
        return address + InflightSplitQueue.BYTES + (long) id * InflightSplitEntry.BYTES;
    }

    /** Those that the driver has back already were put when somebody was interrupted. */
    private void finish(int usedIndex) {
        int behind = Math.min(usedIndex - InflightSplitQueue.USED_IDX.get(address) & MASK, size);
        int id = InflightSplitQueue.LAST_BATCH_HEAD.get(address);
        for (; behind > 0 && id < size; behind--) {
            InflightSplitEntry.INFLIGHT.set(entry(id), 0);
            id = InflightSplitEntry.NEXT.get(entry(id));
        }
        InflightSplitQueue.USED_IDX.set(address, usedIndex);
    }

    @Override
    long counter(int entry) {
        return InflightSplitEntry.INFLIGHT.get(entry(entry)) == 0 ? 0 : Math.max(InflightSplitEntry.COUNTER.get(entry(entry)), 1);
    }

    void taken(int id) {
        InflightSplitEntry.COUNTER.set(entry(id), nextCounter());
        VarHandle.releaseFence();
        InflightSplitEntry.INFLIGHT.set(entry(id), 1);
    }

    /** The chain is one of those that will be put next. */
    void putting(int id) {
        InflightSplitEntry.NEXT.set(entry(id), InflightSplitQueue.LAST_BATCH_HEAD.get(address));
        InflightSplitQueue.LAST_BATCH_HEAD.set(address, id);
        VarHandle.releaseFence();
    }

    /** The driver has the first so many of these chains back; the used index is this now. */
    void put(int[] ids, int count, int usedIndex) {
        VarHandle.releaseFence();
        for (int i = 0; i < count; i++) {
            InflightSplitEntry.INFLIGHT.set(entry(ids[i]), 0);
        }
        VarHandle.releaseFence();
        InflightSplitQueue.USED_IDX.set(address, usedIndex);
    }
}
