package dev.karst.vhost.scsi;

import dev.karst.base.ReactorConfined;
import dev.karst.reactor.Reactor;
import dev.karst.scsi.InitiatorPort;
import dev.karst.scsi.TargetPort;
import dev.karst.spec.virtio.ScsiEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** The guest's driver as an initiator port: while queues are open it has a nexus with each target. */
@ReactorConfined
final class GuestPort {
    private static final int TRANSPORT_ID_BYTES = 24;
    private static final int NAME_AT = 8;
    /** How a LUN field of virtio-scsi begins. */
    private static final int LUN_BEGIN = 1;
    private static final int BEGIN_SHIFT = 56;
    private static final int TARGET_SHIFT = 48;
    private static final int UNIT_SHIFT = 32;
    private static final int BYTE_MASK = 0xff;

    private final ScsiHost host;
    private final InitiatorPort initiator;
    private final GuestNexus[] nexuses = new GuestNexus[ScsiHost.TARGETS];
    private EventQueue events;
    private int queues;

    GuestPort(ScsiHost host) {
        this.host = host;
        initiator = new InitiatorPort(host.name(), transportId(host.name()));
        for (int i = 0; i < nexuses.length; i++) {
            Target target = host.target(i);
            if (target != null) {
                nexuses[i] = new GuestNexus(this, target);
            }
        }
    }

    /** SPC has none for virtio: the protocol that stands for none, and what the controller's name makes. */
    private static byte[] transportId(String name) {
        UUID id = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
        return ByteBuffer.allocate(TRANSPORT_ID_BYTES).put(0, (byte) TargetPort.NONE).putLong(NAME_AT, id.getMostSignificantBits())
            .putLong(NAME_AT + Long.BYTES, id.getLeastSignificantBits()).array();
    }

    Reactor reactor() {
        return host.home();
    }

    InitiatorPort initiator() {
        return initiator;
    }

    /** The nexus with the target that a LUN field of a request names, or null. */
    GuestNexus nexus(long lun) {
        int target = (int) (lun >>> TARGET_SHIFT) & BYTE_MASK;
        return lun >>> BEGIN_SHIFT == LUN_BEGIN && target < nexuses.length ? nexuses[target] : null;
    }

    /** The LUN field of that logical unit, addressed as REPORT LUNS does. */
    private static long lun(int target, int unit) {
        return (long) LUN_BEGIN << BEGIN_SHIFT | (long) target << TARGET_SHIFT | (long) unit << UNIT_SHIFT;
    }

    /** A target is there. */
    void added(Target target) {
        if (nexuses[target.number] == null) {
            nexuses[target.number] = new GuestNexus(this, target);
        }
        tell(ScsiEvent.T_TRANSPORT_RESET, lun(target.number, 0), ScsiEvent.RESET_RESCAN);
    }

    /** A target goes: new requests do not find it. Gives the nexus, which the caller closes. */
    GuestNexus removed(Target target) {
        GuestNexus left = nexuses[target.number];
        nexuses[target.number] = null;
        tell(ScsiEvent.T_TRANSPORT_RESET, lun(target.number, 0), ScsiEvent.RESET_REMOVED);
        return left;
    }

    /** Something of a logical unit is another. */
    void changed(int target, int unit, int reason) {
        tell(ScsiEvent.T_PARAM_CHANGE, lun(target, unit), reason);
    }

    private void tell(int event, long lun, int reason) {
        if (events != null) {
            events.tell(event, lun, reason);
        }
    }

    void events(EventQueue queue) {
        events = queue;
    }

    void opened() {
        queues++;
    }

    /** One of its queues was closed, in which nothing was in flight: with the last one it goes, too. */
    void closed() {
        queues--;
        if (queues == 0) {
            for (GuestNexus nexus : nexuses) {
                if (nexus != null) {
                    nexus.close(() -> { });
                }
            }
            host.closed();
        }
    }
}
