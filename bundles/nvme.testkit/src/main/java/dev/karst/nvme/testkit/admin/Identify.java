package dev.karst.nvme.testkit.admin;

import dev.karst.base.Mem;
import dev.karst.nvme.testkit.command.Page;
import dev.karst.nvme.testkit.command.SimCommand;
import dev.karst.nvme.testkit.controller.ControllerState;
import dev.karst.nvme.testkit.media.BlockFormat;
import dev.karst.nvme.testkit.media.Firmware;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.nvme.testkit.media.SimNamespace;
import dev.karst.nvme.testkit.media.SimSubsystem;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.IdentifyController;
import dev.karst.spec.nvme.IdentifyIndependentNamespace;
import dev.karst.spec.nvme.IdentifyNamespace;
import dev.karst.spec.nvme.NamespaceDescriptor;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Property;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvme.nvm.IdentifyNvmController;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** The Identify command in its forms. NVMe Base 2.1, 5.1.13. */
final class Identify {
    private static final int BYTES = IdentifyCommand.DATA_BYTES;
    private static final int CSI_ZONED = 2;
    private static final int OACS_DOORBELL_BUFFER = 1 << 8;
    private static final int OACS_PLAIN = 0x3f;
    private static final int ONCS = 0x1ff & ~(1 << 4 | 1 << 6);
    private static final int SANICAP = 7;
    private static final int EXTENDED = 1 << 4;
    private static final int FIRST = 1 << 3;
    private static final int ZONE_FORMAT = 2816;
    private static final int LIST_HEAD = 2;
    private static final int CNTLID_ALL = 0xffff;
    private static final int WZSL = 10;
    private static final long DMRSL = 1 << 20;

    private final ControllerState state;

    Identify(ControllerState state) {
        this.state = state;
    }

    int execute(SimCommand command) {
        int cns = IdentifyCommand.CNS.get(command.sqe);
        byte[] page = page(cns, command);
        if (page == null) {
            boolean ofNamespace = Integer.toUnsignedLong(command.nsid()) != Sqe.NSID_ALL && needsNamespace(cns)
                && state.subsystem.namespace(command.nsid()) == null;
            return (ofNamespace ? NvmeStatus.INVALID_NAMESPACE_OR_FORMAT : NvmeStatus.INVALID_FIELD_IN_COMMAND) | NvmeStatus.DNR;
        }
        if (state.faults.noise) {
            state.random.bytes(page);
        }
        return state.data.toHost(command, page);
    }

    private static boolean needsNamespace(int cns) {
        return cns == IdentifyCommand.CNS_NAMESPACE || cns == IdentifyCommand.CNS_NAMESPACE_DESCRIPTORS
            || cns == IdentifyCommand.CNS_COMMAND_SET_NAMESPACE || cns == IdentifyCommand.CNS_INDEPENDENT_NAMESPACE
            || cns == IdentifyCommand.CNS_ALLOCATED_NAMESPACE || cns == IdentifyCommand.CNS_NAMESPACE_CONTROLLERS;
    }

    /** The data; null when the command asks for what there is not. */
    private byte[] page(int cns, SimCommand command) {
        int csi = IdentifyCommand.CSI.get(command.sqe);
        int nsid = command.nsid();
        int controller = IdentifyCommand.CNTID.get(command.sqe);
        return switch (cns) {
            case IdentifyCommand.CNS_CONTROLLER -> controller();
            case IdentifyCommand.CNS_NAMESPACE -> ofNamespace(nsid, true);
            case IdentifyCommand.CNS_ALLOCATED_NAMESPACE -> ofNamespace(nsid, false);
            case IdentifyCommand.CNS_ACTIVE_NAMESPACES -> list(nsid, state::isAttached);
            case IdentifyCommand.CNS_COMMAND_SET_ACTIVE_NAMESPACES ->
                list(nsid, namespace -> state.isAttached(namespace) && csi(namespace) == csi);
            case IdentifyCommand.CNS_ALLOCATED_NAMESPACES -> list(nsid, _ -> true);
            case IdentifyCommand.CNS_NAMESPACE_DESCRIPTORS -> descriptors(nsid);
            case IdentifyCommand.CNS_COMMAND_SET_NAMESPACE -> commandSetNamespace(nsid, csi);
            case IdentifyCommand.CNS_COMMAND_SET_CONTROLLER -> csi == 0 ? sizes() : csi == CSI_ZONED ? new byte[BYTES] : null;
            case IdentifyCommand.CNS_INDEPENDENT_NAMESPACE -> independent(nsid);
            case IdentifyCommand.CNS_NAMESPACE_CONTROLLERS -> {
                SimNamespace namespace = state.subsystem.namespace(nsid);
                yield namespace == null ? null : controllers(List.copyOf(namespace.controllers()), controller);
            }
            case IdentifyCommand.CNS_CONTROLLERS ->
                controllers(IntStream.rangeClosed(1, state.subsystem.controllers()).boxed().toList(), controller);
            case IdentifyCommand.CNS_COMMAND_SETS -> Page.of(BYTES, page -> Mem.setLong(page, 1 | 1 << CSI_ZONED));
            default -> null;
        };
    }

    private static byte[] sizes() {
        return Page.of(BYTES, page -> {
            IdentifyNvmController.WZSL.set(page, WZSL);
            IdentifyNvmController.DMRSL.set(page, DMRSL);
        });
    }

    private static int csi(SimNamespace namespace) {
        return namespace.zones() == null ? 0 : CSI_ZONED;
    }

    private byte[] controller() {
        Firmware firmware = state.subsystem.firmware();
        return Page.of(BYTES, page -> {
            IdentifyController.VID.set(page, state.traits.vendor);
            IdentifyController.SSVID.set(page, state.traits.vendor);
            IdentifyController.SN.set(page, state.subsystem.serialNumber());
            IdentifyController.MN.set(page, "Karst simulated NVMe");
            IdentifyController.FR.set(page, firmware.revision(firmware.active()));
            IdentifyController.CMIC.set(page, state.traits.ana ? 0xa : 2);
            IdentifyController.MDTS.set(page, state.faults.maxTransfer >= 0 ? state.faults.maxTransfer
                : state.traits.maxTransfer);
            IdentifyController.CNTLID.set(page, state.id);
            IdentifyController.VER.set(page, Property.VS_2_0);
            IdentifyController.OAES.set(page, 1 << 8 | 1 << 9 | (state.traits.ana ? 1 << 11 : 0));
            IdentifyController.CTRATT.set(page, 1);
            IdentifyController.CNTRLTYPE.set(page, IdentifyController.CNTRLTYPE_IO);
            IdentifyController.OACS.set(page, state.traits.shadowDoorbells ? OACS_PLAIN | OACS_DOORBELL_BUFFER : OACS_PLAIN);
            IdentifyController.ACL.set(page, state.traits.aborts - 1);
            IdentifyController.AERL.set(page, state.traits.eventRequests - 1);
            IdentifyController.FRMW.set(page, 1 | Firmware.SLOTS << 1 | EXTENDED);
            IdentifyController.LPA.set(page, 1 | 2 | 4);
            IdentifyController.ELPE.set(page, LogPages.ERRORS - 1);
            IdentifyController.WCTEMP.set(page, 343);
            IdentifyController.CCTEMP.set(page, 353);
            IdentifyController.SANICAP.set(page, SANICAP);
            capacity(page);
            if (state.traits.ana) {
                IdentifyController.ANATT.set(page, 10);
                IdentifyController.ANACAP.set(page, 0x1f);
                IdentifyController.ANAGRPMAX.set(page, state.anaStates.length);
                IdentifyController.NANAGRPID.set(page, state.anaStates.length);
            }
            ofCommandSet(page);
        });
    }

    private void capacity(long page) {
        Mem.setLong(IdentifyController.TNVMCAP.at(page), state.subsystem.capacityBytes());
        Mem.setLong(IdentifyController.UNVMCAP.at(page), state.subsystem.unallocatedBytes());
    }

    private void ofCommandSet(long page) {
        IdentifyController.SQES.set(page, 0x66);
        IdentifyController.CQES.set(page, 0x44);
        IdentifyController.NN.set(page, SimSubsystem.MOST_NAMESPACES);
        IdentifyController.MNAN.set(page, SimSubsystem.MOST_NAMESPACES);
        IdentifyController.ONCS.set(page, ONCS);
        IdentifyController.FUSES.set(page, 1);
        IdentifyController.VWC.set(page, 7);
        IdentifyController.CDFS.set(page, 1);
        IdentifyController.SGLS.set(page, switch (state.traits.sgl) {
            case NONE -> 0;
            case DWORD_ALIGNED -> 2 | 1 << 16;
            case ANY -> 1 | 1 << 16;
        });
        IdentifyController.SUBNQN.set(page, state.subsystem.nqn());
    }

    private byte[] ofNamespace(int nsid, boolean attachedOnly) {
        if (nsid == (int) Sqe.NSID_ALL) {
            return Page.of(BYTES, Identify::formats);
        }
        SimNamespace namespace = state.subsystem.namespace(nsid);
        if (namespace == null) {
            return null;
        }
        if (attachedOnly && !state.isAttached(namespace)) {
            return new byte[BYTES];
        }
        return Page.of(BYTES, page -> namespace(page, namespace));
    }

    private static void formats(long page) {
        IdentifyNamespace.NLBAF.set(page, SimSubsystem.FORMATS.size() - 1);
        for (int i = 0; i < SimSubsystem.FORMATS.size(); i++) {
            BlockFormat format = SimSubsystem.FORMATS.get(i);
            IdentifyNamespace.LBAF0_MS.set(page + 4L * i, format.metadataBytes());
            IdentifyNamespace.LBAF0_LBADS.set(page + 4L * i, format.lbads());
        }
    }

    private void namespace(long page, SimNamespace namespace) {
        Settings settings = namespace.settings();
        formats(page);
        IdentifyNamespace.NSZE.set(page, namespace.blocks());
        IdentifyNamespace.NCAP.set(page, namespace.blocks());
        IdentifyNamespace.NUSE.set(page, Math.min(namespace.blocks(),
            namespace.allocatedBytes() / settings.format().dataBytes()));
        IdentifyNamespace.NSFEAT.set(page, 1);
        IdentifyNamespace.FLBAS.set(page, SimSubsystem.FORMATS.indexOf(settings.format()) | (settings.extended() ? EXTENDED : 0));
        IdentifyNamespace.MC.set(page, 3);
        IdentifyNamespace.DPC.set(page, 0x1f);
        IdentifyNamespace.DPS.set(page, settings.protection() | (settings.protectionFirst() ? FIRST : 0));
        IdentifyNamespace.NMIC.set(page, namespace.shared ? 1 : 0);
        IdentifyNamespace.RESCAP.set(page, 0xfe);
        IdentifyNamespace.DLFEAT.set(page, 1 | 8);
        IdentifyNamespace.NOIOB.set(page, namespace.boundaryBlocks);
        Mem.setLong(IdentifyNamespace.NVMCAP.at(page), namespace.blocks() * settings.format().dataBytes());
        IdentifyNamespace.MSSRL.set(page, 128);
        IdentifyNamespace.MCL.set(page, 1024);
        IdentifyNamespace.MSRC.set(page, 15);
        IdentifyNamespace.ANAGRPID.set(page, state.traits.ana ? namespace.anaGroup : 0);
        IdentifyNamespace.NSATTR.set(page, namespace.writeProtected ? 1 : 0);
        IdentifyNamespace.NGUID.set(page, uuid(namespace));
    }

    private static byte[] uuid(SimNamespace namespace) {
        return ByteBuffer.allocate(16).putLong(namespace.uuid().getMostSignificantBits())
            .putLong(namespace.uuid().getLeastSignificantBits()).array();
    }

    private byte[] descriptors(int nsid) {
        SimNamespace namespace = state.namespace(nsid);
        if (namespace == null) {
            return null;
        }
        ByteBuffer page = Page.buffer(BYTES);
        page.put((byte) NamespaceDescriptor.NIDT_NGUID).put((byte) 16).putShort((short) 0).put(uuid(namespace));
        page.put((byte) NamespaceDescriptor.NIDT_UUID).put((byte) 16).putShort((short) 0).put(uuid(namespace));
        page.put((byte) NamespaceDescriptor.NIDT_CSI).put((byte) 1).putShort((short) 0).put((byte) csi(namespace));
        return page.array();
    }

    private byte[] independent(int nsid) {
        SimNamespace namespace = state.namespace(nsid);
        return namespace == null ? null : Page.of(BYTES, page -> {
            IdentifyIndependentNamespace.NMIC.set(page, namespace.shared ? 1 : 0);
            IdentifyIndependentNamespace.RESCAP.set(page, 0xfe);
            IdentifyIndependentNamespace.ANAGRPID.set(page, state.traits.ana ? namespace.anaGroup : 0);
            IdentifyIndependentNamespace.NSATTR.set(page, namespace.writeProtected ? 1 : 0);
            IdentifyIndependentNamespace.NSTAT.set(page, 1);
        });
    }

    /** Of the zoned command set: its only extended format, and the limits. Zoned Namespace Command Set 1.1, 4.1.5.1. */
    private byte[] commandSetNamespace(int nsid, int csi) {
        SimNamespace namespace = state.namespace(nsid);
        if (namespace == null || csi != 0 && csi != csi(namespace)) {
            return null;
        }
        return csi == 0 ? new byte[BYTES] : Page.of(BYTES, page -> {
            Mem.setInt(page + 4, namespace.zones().maxActive() - 1);
            Mem.setInt(page + 8, namespace.zones().maxOpen() - 1);
            for (int i = 0; i < SimSubsystem.FORMATS.size(); i++) {
                Mem.setLong(page + ZONE_FORMAT + 16L * i, namespace.zones().zoneBlocks());
            }
        });
    }

    private byte[] list(int above, Predicate<SimNamespace> wanted) {
        if (above == -1 || above == -2) {
            return null;
        }
        ByteBuffer page = Page.buffer(BYTES);
        state.subsystem.namespaces().stream().filter(wanted).map(SimNamespace::nsid)
            .filter(nsid -> Integer.compareUnsigned(nsid, above) > 0).limit(IdentifyCommand.LIST_ENTRIES).forEach(page::putInt);
        return page.array();
    }

    private static byte[] controllers(List<Integer> ids, int from) {
        if (from == CNTLID_ALL) {
            return null;
        }
        ByteBuffer page = Page.buffer(BYTES).position(LIST_HEAD);
        List<Integer> listed = ids.stream().filter(id -> id >= from).toList();
        listed.forEach(id -> page.putShort(id.shortValue()));
        page.putShort(0, (short) listed.size());
        return page.array();
    }
}
