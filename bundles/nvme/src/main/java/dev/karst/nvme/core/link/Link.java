package dev.karst.nvme.core.link;

import dev.karst.base.StorageException;
import dev.karst.nvme.ControllerMemory;
import dev.karst.nvme.transport.TransportQueue;
import dev.karst.reactor.Reactor;
import java.util.Optional;

/**
 * The way to one controller: its properties, its queues, and how it is stopped. Control threads, one at a time; calls may block.
 *
 * <p>In the order of a life: {@link #adminQueue}, then each time that the controller is brought up {@link #stop}, {@link #connectAdmin},
 * {@link #connectIo} for each queue; at the end {@link #close}.
 */
public abstract class Link {
    /** Reads a property of 4 or 8 bytes, {@link dev.karst.spec.nvme.Property}. */
    public abstract long readProperty(int offset, int bytes) throws StorageException;

    /** Writes a property of 4 or 8 bytes. */
    public abstract void writeProperty(int offset, int bytes, long value) throws StorageException;

    /** The admin queue, not connected yet. */
    public abstract TransportQueue adminQueue(Reactor reactor, int depth, TransportQueue.Owner owner) throws StorageException;

    /** An I/O queue, not connected yet. */
    public abstract TransportQueue ioQueue(Reactor reactor, int qid, int depth, TransportQueue.Owner owner) throws StorageException;

    /**
     * Stops the controller: from when this returns it touches no memory of ours and answers nothing. Also when it is in no good state,
     * or gone.
     *
     * @throws StorageException ETIMEDOUT when it cannot be stopped
     */
    public abstract void stop() throws StorageException;

    /** Makes the admin queue of a stopped controller take commands, as far as it can before the controller is enabled. */
    public abstract void connectAdmin(TransportQueue admin) throws StorageException;

    /**
     * Makes the I/O queue take commands; the controller is enabled.
     *
     * @param inCapsuleBytes IOCCSZ less the entry: how much data of a command to the controller goes in its capsule
     */
    public abstract void connectIo(TransportQueue queue, TransportQueue admin, int inCapsuleBytes) throws StorageException;

    /** Takes an I/O queue away from an enabled controller; from when it returns nothing of the queue is touched. */
    public abstract void disconnectIo(TransportQueue queue, TransportQueue admin) throws StorageException;

    /** Whether commands go over a fabric: with keep-alive, without doorbells. */
    public abstract boolean isFabrics();

    /** Most data of a command, as far as the way goes. */
    public abstract long maxTransferBytes();

    /** Whether SGLs are used, with a controller that says this in SGLS. */
    public abstract boolean usesSgl(long sgls);

    /**
     * The controller knows Doorbell Buffer Config: whether it is made use of is up to the way.
     *
     * @param queuePairs how many there will be at the most
     * @throws StorageException what the command failed with
     */
    public void shadowDoorbells(TransportQueue admin, int queuePairs) throws StorageException {}

    /** Its memory buffer for data, where use is made of it. */
    public Optional<ControllerMemory> buffer() {
        return Optional.empty();
    }

    /** Its persistent memory region, likewise. */
    public Optional<ControllerMemory> persistent() {
        return Optional.empty();
    }

    /** What it does not do as it says. */
    public Quirks quirks() {
        return Quirks.NONE;
    }

    /** Whether the controller has vanished, or broken down (CSTS.CFS). The admin queue's reactor. */
    public abstract Health health();

    /** Lets go of it; it is stopped. */
    public abstract void close();

    /** How a controller seems without being asked. */
    public enum Health { GOOD, FATAL, GONE }
}
