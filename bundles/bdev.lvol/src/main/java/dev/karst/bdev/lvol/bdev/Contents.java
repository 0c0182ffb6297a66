package dev.karst.bdev.lvol.bdev;

import dev.karst.bdev.lvol.store.Volume;

/** Where the clusters of a volume lie. Any thread. */
interface Contents {
    /** For {@link #find}: zeros are read. */
    int ZEROS = Volume.ZEROS;
    /** For {@link #find}: the device outside is read. */
    int EXTERNAL = Volume.EXTERNAL;

    /** What is read there: a cluster of the base, {@link #ZEROS} or {@link #EXTERNAL}. */
    int find(int cluster);

    /** The cluster that a write may go to; 0 or less when one must be allocated first. */
    int own(int cluster);

    /** Those of a volume of our own. */
    static Contents of(Volume volume) {
        return new Contents() {
            @Override
            public int find(int cluster) {
                return volume.find(cluster);
            }

            @Override
            public int own(int cluster) {
                return volume.own(cluster);
            }
        };
    }
}
