package dev.karst.nvme.testkit.controller;

import dev.karst.env.sim.SimRandom;
import dev.karst.nvme.testkit.command.DataPointer;
import dev.karst.nvme.testkit.media.SimNamespace;
import dev.karst.nvme.testkit.media.SimSubsystem;
import dev.karst.spec.nvme.GetLogPageCommand;
import dev.karst.spec.nvme.NvmeStatus;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What all commands of a controller share. */
public final class ControllerState {
    /** Instead of a status: the command ends later. */
    public static final int PENDING = -1;

    public final SimSubsystem subsystem;
    public final int id;
    public final Traits traits;
    public final Faults faults;
    public final DataPointer data;
    public final AsyncEvents events;
    public final FeatureStore features = new FeatureStore();
    public final SimRandom random;
    /** State of each ANA group, by its number less one. */
    public final int[] anaStates = {1, 1, 1, 1};
    public long anaChanges;
    private boolean ioQueues;
    /** Namespaces that changed since the log page was read. */
    public final Set<Integer> changedNamespaces = new TreeSet<>();
    /** Reservation notifications that were not read yet, oldest first. */
    public final Deque<ReservationNotice> reservationNotices = new ArrayDeque<>();
    public final Counters counters = new Counters();
    public final ErrorLog errors = new ErrorLog();

    /**
     * A registration or a reservation went.
     *
     * @param number LPC
     * @param type RNLPT
     */
    public record ReservationNotice(long number, int type, int nsid) {}

    private long noticed;

    /** Another host did that to this controller's. */
    public void notice(int nsid, int type) {
        reservationNotices.add(new ReservationNotice(++noticed, type, nsid));
        events.happened(AsyncEvents.IO, 0, GetLogPageCommand.LID_RESERVATION);
    }

    public ControllerState(
        SimSubsystem subsystem, Traits traits, Faults faults, DataPointer data, AsyncEvents events, SimRandom random) {
        this.subsystem = subsystem;
        this.id = subsystem.newControllerId();
        this.traits = traits;
        this.faults = faults;
        this.data = data;
        this.events = events;
        this.random = random;
    }

    /** Whether there are I/O queues. */
    public boolean hasIoQueues() {
        return ioQueues;
    }

    /** Whether there are I/O queues. */
    public void setIoQueues(boolean some) {
        ioQueues = some;
    }

    /** The namespaces that are attached to it. */
    public List<SimNamespace> attached() {
        return subsystem.namespaces().stream().filter(this::isAttached).toList();
    }

    public boolean isAttached(SimNamespace namespace) {
        return namespace.controllers().contains(id);
    }

    /** The namespace when it is attached; else null. */
    public SimNamespace namespace(int nsid) {
        SimNamespace namespace = subsystem.namespace(nsid);
        return namespace != null && isAttached(namespace) ? namespace : null;
    }

    /** What keeps I/O from the namespace at the moment: ANA; 0 for nothing. */
    public int access(SimNamespace namespace) {
        if (!traits.ana) {
            return 0;
        }
        return switch (anaStates[namespace.anaGroup - 1]) {
            case 3 -> NvmeStatus.ASYMMETRIC_ACCESS_INACCESSIBLE;
            case 4 -> NvmeStatus.ASYMMETRIC_ACCESS_PERSISTENT_LOSS;
            case 15 -> NvmeStatus.ASYMMETRIC_ACCESS_TRANSITION;
            default -> 0;
        };
    }

    /** What the controller has done, as the health log tells it. */
    public static final class Counters {
        public long reads;
        public long readBlocks;
        public long writes;
        public long writtenBlocks;
        public long mediaErrors;
        public long errors;
        public int temperature = 310;
        public int warning;
    }
}
