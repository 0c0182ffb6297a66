package dev.karst.iscsi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.base.StorageException;
import dev.karst.iscsi.model.AuthPolicy;
import dev.karst.iscsi.model.Portal;
import dev.karst.iscsi.model.PortalGroup;
import dev.karst.iscsi.model.TargetNode;
import dev.karst.iscsi.model.TargetNode.Access;
import dev.karst.keyring.Keyring;
import dev.karst.nvmf.testkit.SimWire;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.scsi.ScsiDevice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A target in a world, with a portal and a node, and what it takes to see whether it leaks. */
final class Bench implements Keyring {
    static final String NODE = "iqn.2016-06.io.spdk:disk1";

    final SimWorld world;
    final FakeDevices devices;
    IscsiTarget target;
    final int port;
    final Map<String, byte[]> keys = new HashMap<>();

    Bench(SimWorld world) throws StorageException {
        this.world = world;
        devices = new FakeDevices(world);
        port = begin();
        node(NODE, 64);
    }

    /** Another target, when the one before has closed, with all but its nodes. */
    int begin() throws StorageException {
        target = new IscsiTarget(world.environment(), world.reactors(), devices, this);
        PortalGroup made = target.portals.create(
            new PortalGroup(1, List.of(new Portal("127.0.0.1", 3260)), false, null), true);
        target.initiators.create(2, List.of("ANY"), List.of("127.0.0.0/8"));
        return made.portals().getFirst().port();
    }

    void close() throws Exception {
        world.background(() -> {
            target.close();
            return null;
        });
    }

    TargetNode node(String name, int depth) throws StorageException {
        return target.nodes.create(new TargetNode.Spec(name, "a disk", depth, false, false), AuthPolicy.FREE,
            List.of(new Access(1, 2)), List.of(new ScsiDevice.Unit(0, "Malloc0")));
    }

    Initiator initiator() throws StorageException {
        return new Initiator(new SimWire(world, port));
    }

    /** Nothing is left of the sessions, and nothing of the target after it has closed. */
    void end() throws Exception {
        world.until(() -> devices.released == devices.opened && target.sessions().all().isEmpty());
        target.close();
        world.environment().keepsakes().close("iscsi ");
        assertEquals(0, world.environment().memory().regions().size(), "regions of memory are left");
        assertEquals(0, world.environment().memory().givenBytes(), "views of memory are left");
        assertEquals(0, world.environment().network().openSockets(), "sockets are left");
        assertEquals(0, devices.devices().size(), "devices are left");
    }

    @Override
    public byte[] read(String name) throws StorageException {
        return keys.get(name).clone();
    }

    @Override
    public boolean has(String name) {
        return keys.containsKey(name);
    }
}
