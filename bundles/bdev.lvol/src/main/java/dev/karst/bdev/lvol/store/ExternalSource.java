package dev.karst.bdev.lvol.store;

/** What an external snapshot holds. */
@FunctionalInterface
public interface ExternalSource {
    /**
     * Copies bytes of it to the medium of the store, where zeros are; what would lie behind its end is left. Ends once, later, on
     * the reactor of the store.
     */
    void copy(long offset, long target, long length, Done done);
}
