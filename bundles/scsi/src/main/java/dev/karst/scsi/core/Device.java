package dev.karst.scsi.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Bdev;
import dev.karst.reactor.Reactor;
import dev.karst.scsi.InitiatorPort;
import dev.karst.scsi.NexusOwner;
import dev.karst.scsi.ScsiDevice;
import dev.karst.scsi.ScsiNexus;
import dev.karst.scsi.TargetPort;
import dev.karst.scsi.core.model.DeviceGroup;
import dev.karst.scsi.core.model.Round;
import dev.karst.scsi.core.model.LogicalUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A device: its logical units and ports, and a group for each reactor that its nexuses may be on. */
public final class Device implements ScsiDevice, LogicalUnit.Owner {
    private static final long WAIT_MS = 20_000;

    private final Devices devices;
    private final int id;
    private final String name;
    private final List<DeviceGroup> groups;
    private volatile List<LogicalUnit> units = List.of();
    private volatile List<ScsiDevice.Unit> told = List.of();
    private volatile List<TargetPort> ports = List.of();
    private volatile boolean closed;

    /** One without logical units and ports. */
    Device(Devices devices, int id, String name) {
        this.devices = devices;
        this.id = id;
        this.name = name;
        var made = new ArrayList<DeviceGroup>();
        groups = Collections.unmodifiableList(made);
        for (Reactor reactor : devices.reactors.all()) {
            made.add(new DeviceGroup(this, reactor, devices.commands, devices.workspace(reactor), groups));
        }
    }

    @Override
    public int id() {
        return id;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ScsiDevice.Unit> units() {
        return told;
    }

    /** The same as they are managed. */
    public List<LogicalUnit> logicalUnits() {
        return units;
    }

    private LogicalUnit find(int lun) {
        return units.stream().filter(unit -> unit.lun == lun).findFirst().orElse(null);
    }

    private void publish(List<LogicalUnit> next) {
        next.sort(Comparator.comparingInt(unit -> unit.lun));
        units = List.copyOf(next);
        told = units.stream().map(unit -> new ScsiDevice.Unit(unit.lun, unit.bdevName)).toList();
    }

    @Override
    public int addUnit(int lun, String bdev) throws StorageException {
        return devices.change(() -> {
            int number = lun >= 0 ? lun : free();
            if (closed) {
                throw StorageException.failure(Errno.ENODEV, "the SCSI device " + name + " has ended");
            } else if (number >= MAX_LUNS) {
                throw StorageException.failure(Errno.ENOSPC, "logical units have the numbers 0 to " + (MAX_LUNS - 1));
            } else if (find(number) != null) {
                throw StorageException.failure(Errno.EEXIST, "the SCSI device " + name + " has a logical unit " + number);
            }
            var unit = new LogicalUnit(this, number, bdev, groups, devices.reactors.next(), devices.environment);
            unit.open(devices.bdevs);
            attachReservations(unit);
            insert(unit);
            if (unit.bdev().state() == Bdev.State.REMOVING) {
                detach(unit);
                throw StorageException.failure(
                    Errno.ENODEV, "the block device " + bdev + " has been removed; create it again first");
            }
            devices.reactors.forEach(reactor -> groups.get(reactor.id()).added(unit));
            return number;
        });
    }

    private void attachReservations(LogicalUnit unit) throws StorageException {
        try {
            UnitReservations.attach(unit, devices.environment, devices.reservations);
        } catch (StorageException e) {
            unit.close(devices.bdevs);
            throw e;
        }
    }

    private int free() {
        int lun = 0;
        while (find(lun) != null) {
            lun++;
        }
        return lun;
    }

    @Override
    public void removeUnit(int lun) throws StorageException {
        devices.change(() -> {
            LogicalUnit unit = find(lun);
            if (unit == null) {
                throw StorageException.failure(Errno.ENODEV, "the SCSI device " + name + " has no logical unit " + lun);
            }
            return devices.reactors.await(detach(unit), WAIT_MS, unit + " of " + name);
        });
    }

    /** Takes a unit away: what is in flight runs out, and the block device is given back. Any thread. */
    private CompletableFuture<Void> detach(LogicalUnit unit) {
        var done = new CompletableFuture<Void>();
        if (!withdraw(unit)) {
            done.complete(null);
            return done;
        }
        Runnable close = () -> devices.environment.threads().background().execute(() -> {
            unit.close(devices.bdevs);
            done.complete(null);
        });
        unit.sanitizer.close(() -> Round.all(
            groups, (group, ended) -> group.removed(unit, ended), () -> unit.reservations().close(close)));
        return done;
    }

    private synchronized void insert(LogicalUnit unit) {
        var more = new ArrayList<>(units);
        more.add(unit);
        publish(more);
    }

    private synchronized boolean withdraw(LogicalUnit unit) {
        var fewer = new ArrayList<>(units);
        boolean isThere = fewer.remove(unit);
        publish(fewer);
        unit.withdraw();
        return isThere;
    }

    @Override
    public void gone(LogicalUnit unit) {
        detach(unit);
    }

    @Override
    public void resized(LogicalUnit unit, long blocks) {
        Round.each(groups, group -> group.resized(unit, blocks));
    }

    @Override
    public List<TargetPort> ports() {
        return ports;
    }

    @Override
    public synchronized void addPort(TargetPort port) throws StorageException {
        if (ports.stream().anyMatch(one -> one.relativeId() == port.relativeId())) {
            throw StorageException.failure(Errno.EEXIST, "the SCSI device " + name + " has a port " + port.relativeId());
        }
        var more = new ArrayList<>(ports);
        more.add(port);
        more.sort(Comparator.comparingInt(TargetPort::relativeId));
        ports = List.copyOf(more);
    }

    @Override
    public synchronized void removePort(TargetPort port) {
        ports = ports.stream().filter(one -> !one.equals(port)).toList();
    }

    @Override
    public ScsiNexus open(InitiatorPort initiator, TargetPort port, Reactor reactor, NexusOwner owner) {
        return groups.get(reactor.id()).open(initiator, port, owner);
    }

    @Override
    public void close() throws StorageException {
        devices.change(() -> {
            if (closed) {
                return null;
            }
            closed = true;
            devices.forget(this);
            var detached = units.stream().map(this::detach).toArray(CompletableFuture[]::new);
            devices.reactors.await(CompletableFuture.allOf(detached), WAIT_MS, "the logical units of " + name);
            return null;
        });
    }
}
