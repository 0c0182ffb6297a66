package dev.karst.nvmf.core.model;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevEvents;
import dev.karst.bdev.BdevRegistry;
import dev.karst.bdev.Metadata;
import dev.karst.nvmf.core.reservation.ReservationHome;
import dev.karst.reactor.Reactor;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** A block device as a namespace of a subsystem. What is final may be read by any thread. */
public final class Namespace implements BdevEvents {
    /** Bytes of an NGUID. */
    public static final int NGUID_BYTES = 16;
    /** Bytes of an EUI-64. */
    public static final int EUI64_BYTES = 8;

    /**
     * What a namespace is to be.
     *
     * @param nsid 0 for the lowest that is free
     * @param bdevName of its block device
     * @param nguid null for one from the UUID
     * @param eui64 null for none
     * @param uuid null for the device's
     * @param anaGroup 0 for the namespace's own
     * @param hidden whether only hosts see it that it is shown to
     * @param dataAlone whether hosts see blocks without their metadata
     * @param ptplFile where its reservations persist; null for nowhere
     */
    public record Spec(
        int nsid, String bdevName, byte[] nguid, byte[] eui64, UUID uuid, int anaGroup, boolean hidden,
        boolean dataAlone, String ptplFile) {}

    /** Who is told what happens to the device. Any thread. */
    public interface Owner {
        /** The device goes: the namespace is taken away, and the device given back. */
        CompletableFuture<Void> detach(Namespace namespace);

        /** The device has another size. */
        void resized(Namespace namespace, long blocks);
    }

    public final int nsid;
    public final Spec spec;

    private final Subsystem subsystem;
    private final Owner owner;
    private final Reactor listener;
    private BdevDescriptor descriptor;
    private volatile long blocks;
    private volatile int anaGroup;
    /** Hosts that see it; null for all. */
    private volatile Set<String> shownTo;
    private volatile ReservationHome reservations;

    /** A namespace that has no device yet; {@link #open} follows. */
    public Namespace(Owner owner, Subsystem subsystem, int nsid, Spec spec, Reactor listener) {
        this.owner = owner;
        this.subsystem = subsystem;
        this.nsid = nsid;
        this.spec = spec;
        anaGroup = spec.anaGroup() != 0 ? spec.anaGroup() : nsid;
        shownTo = spec.hidden() ? Set.of() : null;
        this.listener = listener;
    }

    /**
     * Opens and claims the device. Control threads.
     *
     * @param strips whether hosts see no metadata that has protection information
     */
    public void open(BdevRegistry registry, boolean strips) throws StorageException {
        Bdev bdev = registry.find(spec.bdevName()).orElseThrow(() -> StorageException.errno(
            Errno.ENODEV, "there is no block device " + spec.bdevName() + "; bdev:list shows those there are"));
        boolean write = !bdev.readOnly();
        if (spec.dataAlone() || strips && bdev.metadata().protection() != 0) {
            descriptor = registry.openWithoutMetadata(spec.bdevName(), false, listener, this);
        } else {
            refuseSeparateMetadata(bdev);
            descriptor = registry.open(spec.bdevName(), false, listener, this);
        }
        if (write) {
            try {
                registry.claimToServe(descriptor, "NVMe-oF Target");
            } catch (StorageException e) {
                descriptor.close();
                throw e;
            }
        }
        blocks = descriptor.bdev().blocks();
    }

    /** A capsule has data, and nothing beside it. NVMe Base 2.1, 4.3.2. */
    private static void refuseSeparateMetadata(Bdev bdev) throws StorageException {
        if (bdev.metadata().bytes() > 0 && !bdev.metadata().interleaved()) {
            throw StorageException.errno(Errno.EINVAL, "the block device " + bdev.name() + " keeps its metadata apart "
                + "from the data, and NVMe over Fabrics cannot move that; make the device with md_interleave, or add it "
                + "with hide_metadata");
        }
    }

    /** Gives the device back; no channel is open. Control threads. */
    public void close(BdevRegistry registry) {
        if (descriptor.writable()) {
            registry.release(descriptor);
        }
        descriptor.close();
    }

    public BdevChannel openChannel(Reactor reactor) throws StorageException {
        return descriptor.openChannel(reactor);
    }

    /** Who registered and who holds what; there before anybody knows the namespace. */
    public ReservationHome reservations() {
        return reservations;
    }

    /** Gives it its reservations. Control threads, once. */
    public void reservations(ReservationHome home) {
        reservations = home;
    }

    public Subsystem subsystem() {
        return subsystem;
    }

    public Bdev bdev() {
        return descriptor.bdev();
    }

    /** What hosts see behind the data of each block. */
    public Metadata metadata() {
        return descriptor.hidesMetadata() ? Metadata.NONE : bdev().metadata();
    }

    /** Bytes of a block as hosts see it, with that. */
    public int blockBytes() {
        return descriptor.blockSize();
    }

    public long blocks() {
        return blocks;
    }

    public UUID uuid() {
        return spec.uuid() != null ? spec.uuid() : bdev().uuid();
    }

    public byte[] nguid() {
        return spec.nguid() != null ? spec.nguid() : bytes(uuid());
    }

    public boolean hasEui64() {
        return spec.eui64() != null;
    }

    /** The EUI-64; zeros for none. */
    public byte[] eui64() {
        return hasEui64() ? spec.eui64() : new byte[EUI64_BYTES];
    }

    /** A UUID as it travels. RFC 9562, 4. */
    public static byte[] bytes(UUID uuid) {
        return ByteBuffer.allocate(2 * Long.BYTES).putLong(uuid.getMostSignificantBits())
            .putLong(uuid.getLeastSignificantBits()).array();
    }

    public int anaGroup() {
        return anaGroup;
    }

    /** Moves it to another ANA group. Control threads. */
    public void anaGroup(int group) {
        anaGroup = group;
    }

    /** Whether the host may know that it is there. */
    public boolean isVisibleTo(String hostNqn) {
        Set<String> hosts = shownTo;
        return hosts == null || hosts.contains(hostNqn);
    }

    /** Hosts that a hidden namespace is shown to; none for one that all see. */
    public Set<String> shownTo() {
        Set<String> hosts = shownTo;
        return hosts == null ? Set.of() : hosts;
    }

    /** Shows a hidden namespace to a host, or hides it again; false when that is so already. Control threads. */
    public boolean show(String hostNqn, boolean visible) {
        var hosts = new LinkedHashSet<>(shownTo);
        boolean changed = visible ? hosts.add(hostNqn) : hosts.remove(hostNqn);
        shownTo = hosts;
        return changed;
    }

    @Override
    public void removed() {
        owner.detach(this);
    }

    @Override
    public void resized(long newBlocks) {
        blocks = newBlocks;
        owner.resized(this, newBlocks);
    }

    @Override
    public String toString() {
        return "namespace " + nsid + " (" + spec.bdevName() + ") of " + subsystem.nqn;
    }
}
