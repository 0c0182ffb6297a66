package dev.karst.vhost.device;

import dev.karst.base.StorageException;
import dev.karst.reactor.Reactor;
import java.util.List;

/** A virtual device, whoever uses it. Control threads, but for what says otherwise. */
public interface Device {
    /** What it is, for people to read. */
    String name();

    /** Features of its device type, and whether it has packed rings; those of split rings and vhost are there anyway. */
    long features();

    /** Most queues. */
    int maxQueues();

    /** Bytes of its configuration space. */
    int configBytes();

    /** Writes all of its configuration space to {@code address}. */
    void writeConfig(long address);

    /**
     * Opens one of its queues. On the queue's reactor.
     *
     * @param index the queue's number
     * @throws StorageException when what the device stands on cannot be reached there
     */
    QueueHandler open(int index, DeviceQueue queue) throws StorageException;

    /** Gives back what it stands on; no queue is open. */
    void close();

    /** Tells {@code listener} from now on, in place of an earlier one; null for nobody. */
    void listen(Listener listener);

    /** How often drivers are told of what came back. Any thread. */
    Coalescing coalescing();

    /** Sets it, for queues that run too. */
    void coalescing(Coalescing coalescing);

    /** Which reactors its queues may belong to. */
    List<Reactor> reactors();

    /** Which of them a queue belongs to: in turn, unless the device says otherwise. */
    default Reactor reactor(int queue) {
        return reactors().get(queue % reactors().size());
    }

    /** Who is told when the configuration changes. Control threads. */
    @FunctionalInterface
    interface Listener {
        void configChanged();
    }
}
