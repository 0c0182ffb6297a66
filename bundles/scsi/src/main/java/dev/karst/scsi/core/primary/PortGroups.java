package dev.karst.scsi.core.primary;

import dev.karst.base.Mem;
import dev.karst.scsi.TargetPort;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.Operation;
import dev.karst.scsi.core.model.Workspace;
import dev.karst.spec.scsi.Cdb12;
import java.nio.ByteBuffer;
import java.util.List;

/** REPORT TARGET PORT GROUPS: all ports are in one group, by which everything is reached best. SPC-5, 6.37. */
public final class PortGroups {
    private static final int FORMAT_SHIFT = 5;
    private static final int EXTENDED = 1;
    private static final int EXTENDED_BYTES = 4;
    private static final int HEADER_BYTES = 4;
    private static final int ACTIVE_OPTIMIZED = 0;
    private static final int SUPPORTS_ACTIVE_OPTIMIZED = 1;
    private static final int MOST_PORTS = 255;

    private PortGroups() {}

    /** What the table has of it. */
    public static List<Operation> operations() {
        return List.of(Operation.action("a3 ea 00 00 00 00 ff ff ff ff 00 00", Operation.OTHER, PortGroups::execute));
    }

    private static void execute(Command command) {
        int format = Mem.getU8(command.cdb() + 1) >> FORMAT_SHIFT;
        if (format > EXTENDED) {
            command.invalidField(1, Byte.SIZE - 1);
            return;
        }
        List<TargetPort> ports = command.nexus.group.device.ports();
        int count = Math.min(MOST_PORTS, ports.size());
        ByteBuffer data = ByteBuffer.allocate(Workspace.PAGE_BYTES).position(HEADER_BYTES);
        if (format == EXTENDED) {
            data.put((byte) (EXTENDED << EXTENDED_BYTES)).position(HEADER_BYTES + EXTENDED_BYTES);
        }
        data.put((byte) ACTIVE_OPTIMIZED).put((byte) SUPPORTS_ACTIVE_OPTIMIZED).putShort((short) Designators.GROUP)
            .put((byte) 0).put((byte) 0).put((byte) 0).put((byte) count);
        for (TargetPort port : ports.subList(0, count)) {
            data.putShort((short) 0).putShort((short) port.relativeId());
        }
        data.putInt(0, data.position() - HEADER_BYTES);
        command.answer(data.array(), data.position(), Cdb12.TRANSFER_LENGTH.get(command.cdb()));
    }
}
