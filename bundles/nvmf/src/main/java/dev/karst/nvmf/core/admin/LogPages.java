package dev.karst.nvmf.core.admin;

import dev.karst.base.Mem;
import dev.karst.bdev.BdevStatistics;
import dev.karst.nvmf.core.model.Command;
import dev.karst.nvmf.core.model.Controller;
import dev.karst.nvmf.core.model.ErrorLog;
import dev.karst.nvmf.core.model.Namespace;
import dev.karst.nvmf.core.model.ReactorGroup;
import dev.karst.nvmf.core.model.Target;
import dev.karst.spec.nvme.FeaturesCommand;
import dev.karst.spec.nvme.GetLogPageCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvme.log.EffectsLog;
import dev.karst.spec.nvme.log.ErrorLogEntry;
import dev.karst.spec.nvme.log.FirmwareLog;
import dev.karst.spec.nvme.log.HealthLog;

/** The Get Log Page command. NVMe Base 2.1, 5.1.12. */
public final class LogPages {
    private static final int INVALID_FIELD = NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
    private static final int INVALID_LOG_PAGE = NvmeStatus.INVALID_LOG_PAGE | NvmeStatus.DNR;
    private static final int NONE = -1;
    private static final int IDENTIFIERS_BYTES = 1024;
    private static final int FEATURES = 256;
    private static final int CHANGED_BYTES = 4096;
    private static final int FULL_PERCENT = 100;
    private static final int UNIT_BYTES = 512 * 1000;
    private static final int FIRST_SLOT = 1;

    private LogPages() {}

    public static void execute(Command command, Controller controller) {
        long sqe = command.sqe();
        int identifier = GetLogPageCommand.LID.get(sqe);
        long offset = GetLogPageCommand.LPO.get(sqe);
        if (GetLogPageCommand.OT.get(sqe) != 0 || offset % Integer.BYTES != 0 || command.request.length == 0) {
            command.finish(INVALID_FIELD);
            return;
        }
        if (identifier == GetLogPageCommand.LID_DISCOVERY && controller.subsystem.discovery) {
            DiscoveryPage.answer(command, controller, offset, wanted(command));
        } else if (identifier == GetLogPageCommand.LID_ERROR && !controller.subsystem.discovery) {
            errors(command, controller, offset);
        } else if (identifier == GetLogPageCommand.LID_ANA && controller.subsystem.anaGroups() > 0) {
            AnaPage.answer(command, controller, offset, wanted(command));
        } else {
            answer(command, controller, identifier, offset);
        }
        boolean told = GetLogPageCommand.RAE.get(sqe) == 0
            && command.request.status == NvmeStatus.SUCCESSFUL_COMPLETION;
        if (told) {
            if (identifier == GetLogPageCommand.LID_RESERVATION) {
                controller.reservations.read();
            }
            controller.events.logRead(identifier);
        }
    }

    /** Bytes that are wanted, and that the host has room for. */
    private static int wanted(Command command) {
        return (int) Math.min(command.request.length, GetLogPageCommand.lengthBytes(command.sqe()));
    }

    private static void answer(Command command, Controller controller, int identifier, long offset) {
        long page = command.queue.group.page;
        Mem.fill(page, ReactorGroup.PAGE_BYTES, (byte) 0);
        int size = compose(page, identifier, controller);
        if (identifier == GetLogPageCommand.LID_HEALTH && isOfOneNamespace(command.sqe())
            || identifier == GetLogPageCommand.LID_EFFECTS && GetLogPageCommand.CSI.get(command.sqe()) != 0) {
            command.finish(INVALID_FIELD);
        } else if (size == NONE) {
            command.finish(INVALID_LOG_PAGE);
        } else if (offset < 0 || offset > size) {
            command.finish(INVALID_FIELD);
        } else {
            command.answer(page + offset, (int) Math.min(wanted(command), size - offset));
        }
    }

    private static boolean isOfOneNamespace(long sqe) {
        long nsid = Sqe.NSID.get(sqe);
        return nsid != 0 && nsid != Sqe.NSID_ALL;
    }

    /** Fills the page in and gives its length, or {@link #NONE}. */
    private static int compose(long page, int identifier, Controller controller) {
        if (controller.subsystem.discovery) {
            return identifier == GetLogPageCommand.LID_SUPPORTED ? supported(page, GetLogPageCommand.LID_DISCOVERY)
                : NONE;
        }
        return switch (identifier) {
            case GetLogPageCommand.LID_SUPPORTED -> ioPages(page, controller);
            case GetLogPageCommand.LID_HEALTH -> health(page, controller);
            case GetLogPageCommand.LID_FIRMWARE -> firmware(page);
            case GetLogPageCommand.LID_CHANGED_NAMESPACES -> changedNamespaces(page, controller);
            case GetLogPageCommand.LID_EFFECTS -> effects(page);
            case GetLogPageCommand.LID_RESERVATION -> controller.reservations.compose(page);
            case GetLogPageCommand.LID_FEATURES -> features(page, controller);
            case GetLogPageCommand.LID_MI_COMMANDS -> EffectsLog.BYTES;
            default -> NONE;
        };
    }

    private static int ioPages(long page, Controller controller) {
        if (controller.subsystem.anaGroups() > 0) {
            supported(page, GetLogPageCommand.LID_ANA);
        }
        return supported(
            page, GetLogPageCommand.LID_ERROR, GetLogPageCommand.LID_HEALTH, GetLogPageCommand.LID_FIRMWARE,
            GetLogPageCommand.LID_CHANGED_NAMESPACES, GetLogPageCommand.LID_EFFECTS,
            GetLogPageCommand.LID_FEATURES, GetLogPageCommand.LID_MI_COMMANDS, GetLogPageCommand.LID_RESERVATION);
    }

    /** The newest first, and zeros for those there are not. */
    private static void errors(Command command, Controller controller, long offset) {
        long entry = command.queue.group.page;
        var window = new PageWindow(command, offset, wanted(command));
        for (int age = 0; age < ErrorLog.ENTRIES; age++) {
            Mem.fill(entry, ErrorLogEntry.BYTES, (byte) 0);
            controller.errors.read(age, entry);
            window.put(entry, ErrorLogEntry.BYTES);
        }
        window.answer();
    }

    private static int features(long page, Controller controller) {
        for (int feature = 0; feature < FEATURES; feature++) {
            if (controller.features.supports(feature)) {
                Mem.setInt(page + (long) feature * Integer.BYTES, EffectsLog.CSUPP | EffectsLog.SCOPE_CONTROLLER);
            }
        }
        for (int feature : new int[] {
            FeaturesCommand.FID_RESERVATION_MASK, FeaturesCommand.FID_RESERVATION_PERSISTENCE}) {
            Mem.setInt(page + (long) feature * Integer.BYTES, EffectsLog.CSUPP | EffectsLog.SCOPE_NAMESPACE);
        }
        return FEATURES * Integer.BYTES;
    }

    private static int supported(long page, int... identifiers) {
        Mem.setInt(page, 1);
        for (int identifier : identifiers) {
            Mem.setInt(page + (long) identifier * Integer.BYTES, 1);
        }
        return IDENTIFIERS_BYTES;
    }

    private static int firmware(long page) {
        FirmwareLog.AFI.set(page, FIRST_SLOT);
        FirmwareLog.FRS1.set(page, Target.VERSION);
        return FirmwareLog.BYTES;
    }

    /**
     * What the block devices have done, for all of their users; nothing wears out and nothing is measured in degrees.
     */
    private static int health(long page, Controller controller) {
        long readBytes = 0;
        long writtenBytes = 0;
        long reads = 0;
        long writes = 0;
        for (Namespace namespace : controller.namespaces()) {
            BdevStatistics done = namespace.bdev().statistics();
            readBytes += done.readBytes();
            writtenBytes += done.writtenBytes();
            reads += done.reads();
            writes += done.writes();
        }
        HealthLog.AVSP.set(page, FULL_PERCENT);
        Mem.setLong(HealthLog.DUR.at(page), units(readBytes));
        Mem.setLong(HealthLog.DUW.at(page), units(writtenBytes));
        Mem.setLong(HealthLog.HRC.at(page), reads);
        Mem.setLong(HealthLog.HWC.at(page), writes);
        Mem.setLong(HealthLog.MDIE.at(page), controller.errors.mediaErrors());
        Mem.setLong(HealthLog.NEILE.at(page), controller.errors.count());
        return HealthLog.BYTES;
    }

    private static long units(long bytes) {
        return (bytes + UNIT_BYTES - 1) / UNIT_BYTES;
    }

    private static int changedNamespaces(long page, Controller controller) {
        long at = page;
        for (int nsid : controller.events.changedNamespaces()) {
            Mem.setInt(at, nsid);
            at += Integer.BYTES;
        }
        return CHANGED_BYTES;
    }

    private static int effects(long page) {
        int[] admin = {
            Opcode.ADMIN_GET_LOG_PAGE, Opcode.ADMIN_IDENTIFY, Opcode.ADMIN_ABORT, Opcode.ADMIN_SET_FEATURES,
            Opcode.ADMIN_GET_FEATURES, Opcode.ADMIN_ASYNC_EVENT_REQUEST, Opcode.ADMIN_KEEP_ALIVE
        };
        int[] changing = {
            Opcode.NVM_WRITE, Opcode.NVM_WRITE_ZEROES, Opcode.NVM_DATASET_MANAGEMENT, Opcode.NVM_COPY
        };
        int[] others = {
            Opcode.NVM_READ, Opcode.NVM_FLUSH, Opcode.NVM_COMPARE, Opcode.NVM_VERIFY, Opcode.NVM_RESERVATION_REGISTER,
            Opcode.NVM_RESERVATION_REPORT, Opcode.NVM_RESERVATION_ACQUIRE, Opcode.NVM_RESERVATION_RELEASE
        };
        set(EffectsLog.ACS.at(page), EffectsLog.CSUPP | EffectsLog.SCOPE_CONTROLLER, admin);
        // No scopes of I/O commands: Linux 6.1 takes them for side effects and warns.
        set(EffectsLog.IOCS.at(page), EffectsLog.CSUPP | EffectsLog.LBCC, changing);
        set(EffectsLog.IOCS.at(page), EffectsLog.CSUPP, others);
        return EffectsLog.BYTES;
    }

    private static void set(long table, int effects, int... opcodes) {
        for (int opcode : opcodes) {
            Mem.setInt(table + (long) opcode * Integer.BYTES, effects);
        }
    }
}
