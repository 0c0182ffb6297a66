package dev.karst.nvme.testkit.io;

import dev.karst.nvme.testkit.command.Page;
import dev.karst.nvme.testkit.command.SimCommand;
import dev.karst.nvme.testkit.controller.ControllerState;
import dev.karst.nvme.testkit.media.SimNamespace;
import dev.karst.nvme.testkit.media.Zones;
import dev.karst.spec.nvme.NvmCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import java.nio.ByteBuffer;

/** Zone Append, Zone Management Send and Receive. Zoned Namespace Command Set 1.1, 3.4. */
final class ZoneCommands {
    private static final int INVALID_FIELD = NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
    private static final int SELECT_ALL = 1 << 8;
    private static final int REPORT_HEAD = 64;
    private static final int DESCRIPTOR = 64;
    private static final int SEQUENTIAL = 2;
    private static final int PARTIAL = 1 << 16;

    private final ControllerState state;
    private final ReadWrite readWrite;

    ZoneCommands(ControllerState state, ReadWrite readWrite) {
        this.state = state;
        this.readWrite = readWrite;
    }

    int execute(SimCommand command, SimNamespace namespace) {
        if (namespace.zones() == null) {
            return NvmeStatus.INVALID_COMMAND_OPCODE | NvmeStatus.DNR;
        }
        return switch (command.opcode()) {
            case Opcode.ZONE_APPEND -> append(command, namespace);
            case Opcode.ZONE_MANAGEMENT_SEND -> send(command, namespace);
            default -> receive(command, namespace);
        };
    }

    private int append(SimCommand command, SimNamespace namespace) {
        Zones zones = namespace.zones();
        long start = NvmCommand.SLBA.get(command.sqe);
        int count = NvmCommand.NLB.get(command.sqe) + 1;
        if (start < 0 || start >= namespace.blocks()) {
            return NvmeStatus.LBA_OUT_OF_RANGE | NvmeStatus.DNR;
        }
        if (start % zones.zoneBlocks() != 0 || readWrite.isTooLong(Blocks.bufferBytes(command, namespace.settings(), count))) {
            return INVALID_FIELD;
        }
        long slba = zones.writePointer(zones.zone(start));
        int status = zones.write(slba, count);
        if (status == 0) {
            command.result = slba;
            status = readWrite.store(command, namespace, slba, count);
        }
        return status;
    }

    private int send(SimCommand command, SimNamespace namespace) {
        Zones zones = namespace.zones();
        long start = NvmCommand.SLBA.get(command.sqe);
        int dword = Sqe.CDW13.getInt(command.sqe);
        int action = dword & 0xff;
        if ((dword & SELECT_ALL) == 0) {
            boolean valid = start >= 0 && start < namespace.blocks() && start % zones.zoneBlocks() == 0;
            return valid ? manage(namespace, zones.zone(start), action) : INVALID_FIELD;
        }
        int status = 0;
        for (int zone = 0; zone < zones.count() && status == 0; zone++) {
            status = zones.isMeantByAll(zone, action) ? manage(namespace, zone, action) : 0;
        }
        return status;
    }

    private static int manage(SimNamespace namespace, int zone, int action) {
        int status = namespace.zones().manage(zone, action);
        if (status == 0 && action == Zones.RESET) {
            namespace.deallocate(zone * namespace.zones().zoneBlocks(), namespace.zones().zoneBlocks());
        }
        return status;
    }

    /** Reports zones from SLBA on, all or those of one state. */
    private int receive(SimCommand command, SimNamespace namespace) {
        Zones zones = namespace.zones();
        long start = NvmCommand.SLBA.get(command.sqe);
        long bytes = (Sqe.CDW12.get(command.sqe) + 1) * 4;
        int dword = Sqe.CDW13.getInt(command.sqe);
        int wanted = dword >>> 8 & 0xff;
        if ((dword & 0xff) != 0 || start < 0 || start >= namespace.blocks() || bytes > 1 << 20) {
            return INVALID_FIELD;
        }
        ByteBuffer report = Page.buffer((int) bytes);
        long matching = 0;
        int reported = 0;
        for (int zone = zones.zone(start); zone < zones.count(); zone++) {
            if (wanted == 0 || wanted == reportedAs(zones.state(zone))) {
                matching++;
                int at = REPORT_HEAD + reported * DESCRIPTOR;
                if (at + DESCRIPTOR <= bytes) {
                    describe(report, at, zones, zone);
                    reported++;
                }
            }
        }
        if (bytes >= Long.BYTES) {
            report.putLong(0, (dword & PARTIAL) != 0 ? reported : matching);
        }
        return state.data.toHost(command, report.array());
    }

    private static void describe(ByteBuffer report, int at, Zones zones, int zone) {
        report.put(at, (byte) SEQUENTIAL).put(at + 1, (byte) (zones.state(zone) << 4));
        report.putLong(at + 8, zones.zoneBlocks()).putLong(at + 16, zone * zones.zoneBlocks());
        report.putLong(at + 24, zones.state(zone) == Zones.FULL ? -1 : zones.writePointer(zone));
    }

    /** The value by which the command asks for zones of a state. */
    private static int reportedAs(int state) {
        return switch (state) {
            case Zones.FULL -> 5;
            case Zones.READ_ONLY -> 6;
            case Zones.OFFLINE -> 7;
            default -> state;
        };
    }
}
