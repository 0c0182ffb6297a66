package dev.karst.nvmf.core.admin;

import dev.karst.base.Mem;
import dev.karst.bdev.Bdev;
import dev.karst.nvmf.TransportOptions;
import dev.karst.nvmf.core.model.AsyncEvents;
import dev.karst.nvmf.core.model.Command;
import dev.karst.nvmf.core.model.Controller;
import dev.karst.nvmf.core.model.ErrorLog;
import dev.karst.nvmf.core.model.Features;
import dev.karst.nvmf.core.model.Namespace;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.nvmf.core.model.Target;
import dev.karst.spec.nvme.Cqe;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.IdentifyController;
import dev.karst.spec.nvme.IdentifyIndependentNamespace;
import dev.karst.spec.nvme.NamespaceDescriptor;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Property;
import dev.karst.spec.nvme.Sqe;

/** The Identify command. NVMe Base 2.1, 5.1.13. */
public final class IdentifyPages {
    private static final int INVALID_FIELD = NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
    private static final int INVALID_NAMESPACE = NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR;
    private static final int PAGE_SHIFT = 12;
    private static final int SEVERAL_CONTROLLERS = 2;
    private static final int CMIC_ANA = 8;
    private static final int ANATT_SECONDS = 10;
    /** Every state; a namespace may be moved to another group. */
    private static final int ANACAP_ALL_STATES = 0x1f;
    /** Effects log, offsets, and the logs of what is supported with their scopes. */
    private static final int LPA_EFFECTS_OFFSETS_AND_SCOPES = 0x26;
    private static final int FRMW_ONE_FIXED_SLOT = 0x03;
    private static final int SQES = 0x66;
    private static final int CQES = 0x44;
    /** All types, and IEKEY as of NVMe 1.3. */
    private static final int RESCAP = 0xfe;
    private static final int RESCAP_PERSISTS = 1;
    /** A cache may be there, and a Flush of all namespaces at once is refused. */
    private static final int VWC_BY_NAMESPACE = 0x05;
    /** SGLs of any alignment, and offsets in them for data in the capsule. */
    private static final int SGLS = 0x0010_0001;
    private static final int HOST_ID_128 = 1;
    private static final int EXTENDED_FORMATS = 0x8000;
    private static final int CAPSULE_UNIT = 16;
    private static final int KAS_UNIT_MS = 100;
    static final int SHARED = 1;
    private static final int READY = 1;
    static final int WRITE_PROTECTED = 1;
    private static final int NO_VOLATILE_CACHE = 0x10;
    private static final int COMMAND_SET_NVM = 1;

    private IdentifyPages() {}

    public static void execute(Command command, Controller controller) {
        long page = command.queue.group.page;
        Mem.fill(page, IdentifyCommand.DATA_BYTES, (byte) 0);
        int status = command.request.length == 0 ? INVALID_FIELD : compose(page, command, controller);
        if (status == NvmeStatus.SUCCESSFUL_COMPLETION) {
            command.answer(page, IdentifyCommand.DATA_BYTES);
        } else {
            command.finish(status);
        }
    }

    private static int compose(long page, Command command, Controller controller) {
        long sqe = command.sqe();
        int cns = IdentifyCommand.CNS.get(sqe);
        if (cns == IdentifyCommand.CNS_CONTROLLER) {
            controller(page, controller);
            retryDelays(page, command.queue.group.target.retryDelays());
            return NvmeStatus.SUCCESSFUL_COMPLETION;
        } else if (controller.subsystem.discovery) {
            return INVALID_FIELD;
        }
        return switch (cns) {
            case IdentifyCommand.CNS_NAMESPACE, IdentifyCommand.CNS_INDEPENDENT_NAMESPACE,
                IdentifyCommand.CNS_NAMESPACE_DESCRIPTORS, IdentifyCommand.CNS_COMMAND_SET_NAMESPACE ->
                namespace(page, cns, sqe, controller);
            case IdentifyCommand.CNS_ACTIVE_NAMESPACES, IdentifyCommand.CNS_ALLOCATED_NAMESPACES ->
                activeNamespaces(page, sqe, controller);
            case IdentifyCommand.CNS_ALLOCATED_NAMESPACE -> namespace(page, cns, sqe, controller);
            case IdentifyCommand.CNS_NAMESPACE_CONTROLLERS, IdentifyCommand.CNS_CONTROLLERS ->
                ControllerLists.compose(page, sqe, controller);
            case IdentifyCommand.CNS_COMMAND_SET_ACTIVE_NAMESPACES ->
                isNvm(sqe) ? activeNamespaces(page, sqe, controller) : INVALID_FIELD;
            case IdentifyCommand.CNS_COMMAND_SET_CONTROLLER ->
                isNvm(sqe) ? NvmPages.commandSetController(page, controller.subsystem) : INVALID_FIELD;
            case IdentifyCommand.CNS_COMMAND_SETS -> {
                Mem.setLong(page, COMMAND_SET_NVM);
                yield NvmeStatus.SUCCESSFUL_COMPLETION;
            }
            default -> INVALID_FIELD;
        };
    }

    private static boolean isNvm(long sqe) {
        return IdentifyCommand.CSI.get(sqe) == IdentifyCommand.CSI_NVM;
    }

    private static void retryDelays(long page, Target.RetryDelays delays) {
        IdentifyController.CRDT1.set(page, delays.crdt1());
        IdentifyController.CRDT2.set(page, delays.crdt2());
        IdentifyController.CRDT3.set(page, delays.crdt3());
    }

    private static void controller(long page, Controller controller) {
        Subsystem subsystem = controller.subsystem;
        TransportOptions options = controller.options;
        IdentifyController.SN.set(page, subsystem.serial);
        IdentifyController.MN.set(page, subsystem.model);
        IdentifyController.FR.set(page, Target.VERSION);
        int pages = options.maxIoBytes() >> PAGE_SHIFT;
        IdentifyController.MDTS.set(page, Integer.SIZE - 1 - Integer.numberOfLeadingZeros(pages));
        IdentifyController.CNTLID.set(page, controller.cntlid);
        IdentifyController.VER.set(page, Property.VS_2_0);
        IdentifyController.CTRATT.set(page, HOST_ID_128);
        IdentifyController.ACL.set(page, Controller.ABORT_LIMIT - 1);
        IdentifyController.AERL.set(page, AsyncEvents.LIMIT - 1);
        IdentifyController.LPA.set(page, LPA_EFFECTS_OFFSETS_AND_SCOPES);
        IdentifyController.KAS.set(page, Features.KAS_MS / KAS_UNIT_MS);
        IdentifyController.MAXCMD.set(page, options.maxQueueDepth());
        IdentifyController.SGLS.set(page, SGLS);
        IdentifyController.SUBNQN.set(page, subsystem.nqn);
        IdentifyController.IOCCSZ.set(page, (Sqe.BYTES + options.inCapsuleBytes()) / CAPSULE_UNIT);
        IdentifyController.IORCSZ.set(page, Cqe.BYTES / CAPSULE_UNIT);
        IdentifyController.MSDBD.set(page, 1);
        if (subsystem.discovery) {
            IdentifyController.CNTRLTYPE.set(page, IdentifyController.CNTRLTYPE_DISCOVERY);
            IdentifyController.OAES.set(page, AsyncEvents.DISCOVERY_LOG);
        } else {
            ioController(page, subsystem);
        }
    }

    /** What an I/O controller has beside. VID and IEEE stay 0: Karst has no number from either registry. */
    private static void ioController(long page, Subsystem subsystem) {
        IdentifyController.CMIC.set(page, SEVERAL_CONTROLLERS);
        IdentifyController.OAES.set(page, AsyncEvents.NAMESPACE_ATTRIBUTE);
        IdentifyController.CNTRLTYPE.set(page, IdentifyController.CNTRLTYPE_IO);
        IdentifyController.FRMW.set(page, FRMW_ONE_FIXED_SLOT);
        IdentifyController.ELPE.set(page, ErrorLog.ENTRIES - 1);
        IdentifyController.SQES.set(page, SQES);
        IdentifyController.CQES.set(page, CQES);
        IdentifyController.NN.set(page, subsystem.maxNamespaces);
        IdentifyController.MNAN.set(page, subsystem.maxNamespaces);
        IdentifyController.CTRATT.set(page, HOST_ID_128 | EXTENDED_FORMATS);
        NvmPages.controller(page);
        IdentifyController.VWC.set(page, VWC_BY_NAMESPACE);
        if (subsystem.anaGroups() > 0) {
            IdentifyController.CMIC.set(page, SEVERAL_CONTROLLERS | CMIC_ANA);
            IdentifyController.OAES.set(page, AsyncEvents.NAMESPACE_ATTRIBUTE | AsyncEvents.ANA_CHANGE);
            IdentifyController.ANATT.set(page, ANATT_SECONDS);
            IdentifyController.ANACAP.set(page, ANACAP_ALL_STATES);
            IdentifyController.ANAGRPMAX.set(page, subsystem.anaGroups());
            IdentifyController.NANAGRPID.set(page, subsystem.anaGroups());
        }
    }

    /** A structure of one namespace; an inactive one has zeros where the standard says so. */
    private static int namespace(long page, int cns, long sqe, Controller controller) {
        long nsid = Sqe.NSID.get(sqe);
        if (nsid == 0 || nsid > controller.subsystem.maxNamespaces) {
            return INVALID_NAMESPACE;
        } else if (cns == IdentifyCommand.CNS_COMMAND_SET_NAMESPACE && !isNvm(sqe)) {
            return INVALID_FIELD;
        }
        Namespace namespace = controller.namespace(nsid);
        if (namespace == null) {
            return cns == IdentifyCommand.CNS_NAMESPACE || cns == IdentifyCommand.CNS_ALLOCATED_NAMESPACE
                ? NvmeStatus.SUCCESSFUL_COMPLETION : INVALID_NAMESPACE;
        }
        switch (cns) {
            case IdentifyCommand.CNS_NAMESPACE, IdentifyCommand.CNS_ALLOCATED_NAMESPACE ->
                NvmPages.namespace(page, namespace);
            case IdentifyCommand.CNS_COMMAND_SET_NAMESPACE -> NvmPages.commandSetNamespace(page, namespace);
            case IdentifyCommand.CNS_INDEPENDENT_NAMESPACE -> independentNamespace(page, namespace);
            case IdentifyCommand.CNS_NAMESPACE_DESCRIPTORS -> descriptors(page, namespace);
            default -> { }
        }
        return NvmeStatus.SUCCESSFUL_COMPLETION;
    }

    static int reportedGroup(Namespace namespace) {
        return namespace.subsystem().anaGroups() > 0 ? namespace.anaGroup() : 0;
    }

    static int reservations(Namespace namespace) {
        return namespace.reservations().canPersist() ? RESCAP | RESCAP_PERSISTS : RESCAP;
    }

    private static void independentNamespace(long page, Namespace namespace) {
        Bdev bdev = namespace.bdev();
        IdentifyIndependentNamespace.NSFEAT.set(page, bdev.hasVolatileCache() ? 0 : NO_VOLATILE_CACHE);
        IdentifyIndependentNamespace.NMIC.set(page, SHARED);
        IdentifyIndependentNamespace.ANAGRPID.set(page, reportedGroup(namespace));
        IdentifyIndependentNamespace.RESCAP.set(page, reservations(namespace));
        IdentifyIndependentNamespace.NSATTR.set(page, bdev.readOnly() ? WRITE_PROTECTED : 0);
        IdentifyIndependentNamespace.NSTAT.set(page, READY);
    }

    private static void descriptors(long page, Namespace namespace) {
        long at = page;
        if (namespace.hasEui64()) {
            at = descriptor(at, NamespaceDescriptor.NIDT_EUI64, namespace.eui64());
        }
        at = descriptor(at, NamespaceDescriptor.NIDT_NGUID, namespace.nguid());
        at = descriptor(at, NamespaceDescriptor.NIDT_UUID, Namespace.bytes(namespace.uuid()));
        descriptor(at, NamespaceDescriptor.NIDT_CSI, new byte[] {IdentifyCommand.CSI_NVM});
    }

    private static long descriptor(long at, int type, byte[] identifier) {
        NamespaceDescriptor.NIDT.set(at, type);
        NamespaceDescriptor.NIDL.set(at, identifier.length);
        Mem.put(at + NamespaceDescriptor.BYTES, identifier, 0, identifier.length);
        return at + NamespaceDescriptor.BYTES + identifier.length;
    }

    private static int activeNamespaces(long page, long sqe, Controller controller) {
        long after = Sqe.NSID.get(sqe);
        if (after >= Sqe.NSID_ALL - 1) {
            return INVALID_NAMESPACE;
        }
        long at = page;
        long end = page + IdentifyCommand.DATA_BYTES;
        for (Namespace namespace : controller.namespaces()) {
            if (namespace.nsid > after && at < end) {
                Mem.setInt(at, namespace.nsid);
                at += Integer.BYTES;
            }
        }
        return NvmeStatus.SUCCESSFUL_COMPLETION;
    }
}
