package dev.karst.scsi.core.model;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.BdevRegistry;
import dev.karst.bdev.IoType;
import dev.karst.env.Environment;
import dev.karst.reactor.Reactor;
import dev.karst.scsi.core.reservation.ReservationHome;
import java.util.List;
import java.util.UUID;

/** A block device as a logical unit. What is final may be read by any thread. */
public final class LogicalUnit implements BdevEvents {
    /** Who is told what happens to the block device. Its listening reactor. */
    public interface Owner {
        /** The block device goes: the unit is taken away, and the block device given back. */
        void gone(LogicalUnit unit);

        /** The block device has another size. */
        void resized(LogicalUnit unit, long blocks);
    }

    public final int lun;
    public final String bdevName;
    /** The reactors of its device. */
    public final List<DeviceGroup> groups;
    /** What belongs to no nexus is done here. */
    public final Reactor home;
    public final Sanitizer sanitizer;

    private final Owner owner;
    private BdevDescriptor descriptor;
    private volatile ModeState mode;
    private volatile ReservationHome reservations;
    private volatile boolean gone;

    /** A unit that has no block device yet; {@link #open} follows. */
    public LogicalUnit(
        Owner owner, int lun, String bdevName, List<DeviceGroup> groups, Reactor home, Environment environment) {
        this.owner = owner;
        this.lun = lun;
        this.bdevName = bdevName;
        this.groups = groups;
        this.home = home;
        sanitizer = new Sanitizer(this, environment);
    }

    /** Opens and claims the block device. Control threads. */
    public void open(BdevRegistry registry) throws StorageException {
        Bdev bdev = registry.find(bdevName).orElseThrow(() -> StorageException.failure(
            Errno.ENODEV, "there is no block device " + bdevName + "; bdev:list shows those there are"));
        boolean write = !bdev.readOnly();
        descriptor = registry.openWithoutMetadata(bdevName, false, home, this);
        if (write) {
            try {
                registry.claimToServe(descriptor, "SCSI device");
            } catch (StorageException e) {
                descriptor.close();
                throw e;
            }
        }
        mode = initialMode();
    }

    /** Gives the block device back; no channel is open. Control threads. */
    public void close(BdevRegistry registry) {
        if (descriptor.writable()) {
            registry.release(descriptor);
        }
        descriptor.close();
    }

    BdevChannel openChannel(Reactor reactor) throws StorageException {
        return descriptor.openChannel(reactor);
    }

    public Bdev bdev() {
        return descriptor.bdev();
    }

    /** Bytes of a block, a power of two. */
    public int blockBytes() {
        return descriptor.blockSize();
    }

    public UUID uuid() {
        return bdev().uuid();
    }

    /** Whether blocks can be given back. */
    public boolean unmaps() {
        return bdev().supports(IoType.UNMAP) && !bdev().readOnly();
    }

    /** What holds until an initiator sets something else, and after a reset. */
    public ModeState initialMode() {
        return new ModeState(bdev().hasVolatileCache(), false, false, false);
    }

    public ModeState mode() {
        return mode;
    }

    /** Forgets what initiators set. Any thread. */
    public synchronized void resetMode() {
        mode = initialMode();
    }

    /** Sets other modes, unless somebody else has done so since they were {@code before}; then false. Any thread. */
    public synchronized boolean changeMode(ModeState before, ModeState next) {
        boolean isSame = mode.equals(before);
        mode = isSame ? next : mode;
        return isSame;
    }

    /** It was taken away: reactors that have not heard of it need not. Any thread. */
    public void withdraw() {
        gone = true;
    }

    boolean isGone() {
        return gone;
    }

    /** Who registered and who holds what; there before any nexus knows the unit. */
    public ReservationHome reservations() {
        return reservations;
    }

    /** Gives it its reservations. Control threads, once. */
    public void reservations(ReservationHome home) {
        reservations = home;
    }

    @Override
    public void removed() {
        owner.gone(this);
    }

    @Override
    public void resized(long newBlocks) {
        owner.resized(this, newBlocks);
    }

    @Override
    public String toString() {
        return "logical unit " + lun + " (" + bdevName + ")";
    }
}
