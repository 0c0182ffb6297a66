package dev.karst.scsi.core.model;

import dev.karst.base.ReactorConfined;
import dev.karst.base.StorageException;
import dev.karst.reactor.Reactor;
import dev.karst.scsi.InitiatorPort;
import dev.karst.scsi.NexusOwner;
import dev.karst.scsi.ScsiDevice;
import dev.karst.scsi.TargetPort;
import dev.karst.spec.scsi.Asc;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** A device as its nexuses on one reactor reach it; its logical units are open while there is such a nexus. */
@ReactorConfined
public final class DeviceGroup {
    private static final Logger LOG = System.getLogger(DeviceGroup.class.getName());
    private static final Runnable NOTHING = () -> { };

    public final ScsiDevice device;
    public final Reactor reactor;
    public final CommandSet commands;
    public final Workspace workspace;
    /** Those of all reactors, this one among them. */
    public final List<DeviceGroup> all;

    private final UnitChannel[] channels = new UnitChannel[ScsiDevice.MAX_LUNS];
    /** By number what the device has, whether it is open here or not. */
    private final LogicalUnit[] units = new LogicalUnit[ScsiDevice.MAX_LUNS];
    private final Set<Nexus> nexuses = new LinkedHashSet<>();

    public DeviceGroup(ScsiDevice device, Reactor reactor, CommandSet commands, Workspace workspace, List<DeviceGroup> all) {
        this.device = device;
        this.all = all;
        this.reactor = reactor;
        this.commands = commands;
        this.workspace = workspace;
    }

    /** Opens a nexus. */
    public Nexus open(InitiatorPort initiator, TargetPort port, NexusOwner owner) {
        var nexus = new Nexus(initiator, port, this, owner);
        boolean isFirst = nexuses.isEmpty();
        nexuses.add(nexus);
        for (int lun = 0; lun < units.length; lun++) {
            if (isFirst && units[lun] != null) {
                open(units[lun]);
            }
            if (channels[lun] != null) {
                nexus.unit(lun, new UnitNexus(nexus, channels[lun]));
            }
        }
        return nexus;
    }

    private void open(LogicalUnit unit) {
        try {
            channels[unit.lun] = new UnitChannel(unit, unit.openChannel(reactor));
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "{0} of {1} cannot be reached on reactor {2}: {3}", unit, device.name(), reactor.id(),
                e.getMessage());
        }
    }

    /** A nexus went, and none of its commands is left. */
    void leave(Nexus nexus) {
        nexuses.remove(nexus);
        if (nexuses.isEmpty()) {
            for (int lun = 0; lun < channels.length; lun++) {
                if (channels[lun] != null) {
                    UnitChannel channel = channels[lun];
                    channels[lun] = null;
                    channel.close(NOTHING);
                }
            }
        }
    }

    /** A logical unit is there. */
    public void added(LogicalUnit unit) {
        if (unit.isGone()) {
            return;
        }
        units[unit.lun] = unit;
        if (nexuses.isEmpty()) {
            return;
        }
        raiseOnAll(Asc.REPORTED_LUNS_DATA_HAS_CHANGED);
        open(unit);
        UnitChannel channel = channels[unit.lun];
        if (channel != null) {
            for (Nexus nexus : nexuses) {
                nexus.unit(unit.lun, new UnitNexus(nexus, channel));
            }
        }
    }

    /** A logical unit goes: {@code done} runs once nothing on this reactor uses it. */
    public void removed(LogicalUnit unit, Runnable done) {
        if (units[unit.lun] != unit) {
            done.run();
            return;
        }
        units[unit.lun] = null;
        UnitChannel channel = channels[unit.lun];
        channels[unit.lun] = null;
        for (Nexus nexus : nexuses) {
            nexus.unit(unit.lun, null);
        }
        raiseOnAll(Asc.REPORTED_LUNS_DATA_HAS_CHANGED);
        if (channel == null) {
            done.run();
        } else {
            channel.close(done);
        }
    }

    /** The logical unit has another size. */
    public void resized(LogicalUnit unit, long blocks) {
        UnitChannel channel = channels[unit.lun];
        if (channel != null && channel.unit == unit) {
            channel.blocks = blocks;
            each(unit, nexus -> nexus.raise(Asc.CAPACITY_DATA_HAS_CHANGED));
        }
    }

    private void raiseOnAll(int asc) {
        for (Nexus nexus : nexuses) {
            for (int lun = 0; lun < channels.length; lun++) {
                if (nexus.unit(lun) != null) {
                    nexus.unit(lun).raise(asc);
                }
            }
        }
    }

    /** Does something for each nexus that has the logical unit. */
    public void each(LogicalUnit unit, Consumer<UnitNexus> action) {
        for (Nexus nexus : nexuses) {
            UnitNexus found = nexus.unit(unit.lun);
            if (found != null && found.channel.unit == unit) {
                action.accept(found);
            }
        }
    }
}
