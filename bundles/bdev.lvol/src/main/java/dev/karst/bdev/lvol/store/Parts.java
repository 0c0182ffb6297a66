package dev.karst.bdev.lvol.store;

import dev.karst.bdev.lvol.disk.PageMap;
import dev.karst.bdev.lvol.disk.SuperBlock;

/** What a store is put together from; tests put in parts that are wrong, and look whether that is found. */
class Parts {
    PageMap pages(int pages) {
        return new PageMap(pages);
    }

    ClusterMap clusters(int first, int total, int mark) {
        return new ClusterMap(first, total, mark);
    }

    /** Whether a volume's next FLUSH fails after writes to it may have been lost. */
    boolean isToldOfLoss(Volume volume) {
        return !volume.readOnly();
    }

    /** Whether a super block that was read may be believed. */
    boolean isWhole(byte[] superBlock) {
        return SuperBlock.isWhole(superBlock);
    }
}
