package dev.karst.nvme.testkit.admin;

import dev.karst.nvme.testkit.command.Page;
import dev.karst.nvme.testkit.command.SimCommand;
import dev.karst.nvme.testkit.controller.ControllerState;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.nvme.testkit.media.SimNamespace;
import dev.karst.nvme.testkit.media.SimSubsystem;
import dev.karst.spec.nvme.IdentifyNamespace;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Namespace Management, Namespace Attachment, Format NVM. NVMe Base 2.1, 5.1.20, 5.1.21 and 5.1.10. */
final class NamespaceCommands {
    private static final int INVALID_FIELD = NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
    private static final int INVALID_NAMESPACE = NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR;
    private static final int SELECT = 0xf;
    private static final int LIST_BYTES = 4096;
    private static final int LIST_MOST = 2047;
    private static final int EXTENDED = 1 << 4;
    private static final int MOST_PROTECTION = 3;

    private final ControllerState state;

    NamespaceCommands(ControllerState state) {
        this.state = state;
    }

    int execute(SimCommand command) {
        return switch (command.opcode()) {
            case Opcode.ADMIN_NAMESPACE_MANAGEMENT -> manage(command);
            case Opcode.ADMIN_NAMESPACE_ATTACHMENT -> attach(command);
            default -> format(command);
        };
    }

    private int manage(SimCommand command) {
        return switch (command.cdw10() & SELECT) {
            case 0 -> create(command);
            case 1 -> delete(command);
            default -> INVALID_FIELD;
        };
    }

    private int create(SimCommand command) {
        byte[] data = new byte[IdentifyNamespace.BYTES];
        int status = state.data.fromHost(command, data);
        if (status != 0) {
            return status;
        }
        ByteBuffer fields = Page.buffer(data);
        long blocks = fields.getLong(IdentifyNamespace.NSZE.offset());
        long capacity = fields.getLong(IdentifyNamespace.NCAP.offset());
        Settings settings = settings(fields.get(IdentifyNamespace.FLBAS.offset()), fields.get(IdentifyNamespace.DPS.offset()));
        if (settings == null) {
            return NvmeStatus.INVALID_FORMAT | NvmeStatus.DNR;
        }
        if (blocks <= 0 || capacity != blocks) {
            return INVALID_FIELD;
        }
        if (blocks > state.subsystem.unallocatedBytes() / settings.format().dataBytes()) {
            return NvmeStatus.NAMESPACE_INSUFFICIENT_CAPACITY | NvmeStatus.DNR;
        }
        SimNamespace namespace = state.subsystem.create(blocks, settings);
        if (namespace == null) {
            return NvmeStatus.NAMESPACE_IDENTIFIER_UNAVAILABLE | NvmeStatus.DNR;
        }
        namespace.shared = (fields.get(IdentifyNamespace.NMIC.offset()) & 1) != 0;
        command.result = namespace.nsid();
        return 0;
    }

    /** How a namespace is formatted, from FLBAS and DPS; null when that cannot be. */
    private static Settings settings(int flbas, int dps) {
        int index = flbas & SELECT;
        int protection = dps & 7;
        if (index >= SimSubsystem.FORMATS.size() || protection > MOST_PROTECTION) {
            return null;
        }
        var format = SimSubsystem.FORMATS.get(index);
        if (protection != 0 && format.metadataBytes() < 8) {
            return null;
        }
        return new Settings(format, format.metadataBytes() > 0 && (flbas & EXTENDED) != 0, protection, (dps & 8) != 0);
    }

    private int delete(SimCommand command) {
        boolean all = command.nsid() == (int) Sqe.NSID_ALL;
        if (!all && state.subsystem.namespace(command.nsid()) == null) {
            return INVALID_NAMESPACE;
        }
        for (SimNamespace namespace : List.copyOf(state.subsystem.namespaces())) {
            if (all || namespace.nsid() == command.nsid()) {
                state.subsystem.delete(namespace.nsid());
            }
        }
        return 0;
    }

    private int attach(SimCommand command) {
        SimNamespace namespace = state.subsystem.namespace(command.nsid());
        if (namespace == null) {
            return INVALID_NAMESPACE;
        }
        byte[] data = new byte[LIST_BYTES];
        int status = state.data.fromHost(command, data);
        if (status != 0) {
            return status;
        }
        ByteBuffer list = Page.buffer(data);
        int count = list.getShort() & 0xffff;
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < Math.min(count, LIST_MOST); i++) {
            ids.add(list.getShort() & 0xffff);
        }
        boolean invalid = count == 0 || count > LIST_MOST || ids.stream().anyMatch(id -> id == 0
            || id > state.subsystem.controllers());
        if (invalid) {
            return NvmeStatus.CONTROLLER_LIST_INVALID | NvmeStatus.DNR;
        }
        return (command.cdw10() & SELECT) == 0 ? attach(namespace, ids) : detach(namespace, ids);
    }

    private int attach(SimNamespace namespace, List<Integer> ids) {
        if (ids.stream().anyMatch(namespace.controllers()::contains)) {
            return NvmeStatus.NAMESPACE_ALREADY_ATTACHED | NvmeStatus.DNR;
        }
        if (!namespace.shared && ids.size() + namespace.controllers().size() > 1) {
            return NvmeStatus.NAMESPACE_IS_PRIVATE | NvmeStatus.DNR;
        }
        namespace.controllers().addAll(ids);
        state.subsystem.changed(namespace);
        return 0;
    }

    private int detach(SimNamespace namespace, List<Integer> ids) {
        if (!namespace.controllers().containsAll(ids)) {
            return NvmeStatus.NAMESPACE_NOT_ATTACHED | NvmeStatus.DNR;
        }
        state.subsystem.changed(namespace);
        namespace.controllers().removeAll(ids);
        return 0;
    }

    private int format(SimCommand command) {
        int dword = command.cdw10();
        Settings settings = settings(dword & SELECT | dword & EXTENDED, dword >>> 5 & 0xf);
        if (settings == null) {
            return NvmeStatus.INVALID_FORMAT | NvmeStatus.DNR;
        }
        boolean all = command.nsid() == (int) Sqe.NSID_ALL;
        if (!all && state.namespace(command.nsid()) == null) {
            return INVALID_NAMESPACE;
        }
        for (SimNamespace namespace : state.attached()) {
            if (all || namespace.nsid() == command.nsid()) {
                namespace.format(settings);
                state.subsystem.changed(namespace);
            }
        }
        return 0;
    }
}
