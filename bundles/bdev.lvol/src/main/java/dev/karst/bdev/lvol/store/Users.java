package dev.karst.bdev.lvol.store;

/** Those who do I/O on the volumes of a store: they stand still while the store changes where the contents of a volume are. */
public interface Users {
    /** Nobody does I/O. */
    Users NONE = new Users() {
        @Override
        public void pause(Volume volume, Runnable paused) {
            paused.run();
        }

        @Override
        public void resume(Volume volume) {}
    };

    /**
     * I/O on the volume that is in flight ends, what comes waits. I/O that waits for {@link LvolStore#allocate} counts as in
     * flight.
     *
     * @param paused to be run on the reactor of the store, also inside this call, when nothing is in flight on any reactor
     */
    void pause(Volume volume, Runnable paused);

    /** What waited goes on. */
    void resume(Volume volume);
}
