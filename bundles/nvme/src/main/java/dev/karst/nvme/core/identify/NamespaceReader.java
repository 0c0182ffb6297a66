package dev.karst.nvme.core.identify;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.nvme.AnaState;
import dev.karst.nvme.ControllerData;
import dev.karst.nvme.NvmeException;
import dev.karst.nvme.NvmeNamespace;
import dev.karst.nvme.core.link.Quirks;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.IdentifyNamespace;
import dev.karst.spec.nvme.NamespaceDescriptor;
import dev.karst.spec.nvme.Property;
import dev.karst.spec.nvme.nvm.IdentifyNvmController;
import dev.karst.spec.nvme.zns.IdentifyZonedController;
import dev.karst.spec.nvme.zns.IdentifyZonedNamespace;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Reads which namespaces a controller has and what each is. NVMe Base 2.1, 5.1.13.2; NVM Command Set 1.1, 4.1.5. */
public final class NamespaceReader {
    private static final Logger LOG = System.getLogger(NamespaceReader.class.getName());

    private static final int VERSION_1_1 = 0x0001_0100;
    private static final int VERSION_1_3 = 0x0001_0300;
    private static final int MOST_COUNTED = 1024;
    private static final int LEAST_LBADS = 9;
    private static final int MOST_LBADS = 16;
    private static final int MOST_TRANSFER_BLOCKS = 65536;
    /** LBAF entries of 4 bytes from here on; ELBAF likewise. */
    private static final int FORMATS = 128;
    private static final int EXTENDED_FORMATS = 12;
    private static final int PIF_SHIFT = 7;
    private static final int[] GUARD_BITS = {16, 32, 64, 16};
    private static final int FORMAT_MASK = 0xf;
    private static final int EXTENDED_METADATA = 1 << 4;
    private static final int FORMAT_HIGH_SHIFT = 5;
    private static final int OPTIMAL_SIZES = 1 << 4;
    private static final int READS_ZEROES = 1;
    /** Powers of two beyond that are no limit. */
    private static final int MOST_POWER = 20;

    /** What commands without data may cover: bytes of a Write Zeroes, blocks of a range of a Dataset Management. */
    private record Sizes(long zeroesBytes, long deallocateBlocks) {
        static final Sizes ANY = new Sizes(Long.MAX_VALUE, Long.MAX_VALUE);
    }

    private final Admin admin;
    private final ControllerData controller;
    private final Map<Long, AnaState> ana;
    private final Quirks quirks;
    private Sizes covered = Sizes.ANY;

    /** @param ana the states of the ANA groups; empty where none are reported */
    public NamespaceReader(Admin admin, ControllerData controller, Map<Long, AnaState> ana, Quirks quirks) {
        this.quirks = quirks;
        this.admin = admin;
        this.controller = controller;
        this.ana = ana;
    }

    /** All that are attached to the controller and can be used, by number. */
    public List<NvmeNamespace> all() throws StorageException {
        List<NvmeNamespace> namespaces = new ArrayList<>();
        covered = sizes();
        for (int nsid : active()) {
            NvmeNamespace namespace = read(nsid);
            if (namespace != null) {
                namespaces.add(namespace);
            }
        }
        return List.copyOf(namespaces);
    }

    /** Any where the controller does not say. */
    private Sizes sizes() throws StorageException {
        if (controller.version() < VERSION_1_3) {
            return Sizes.ANY;
        }
        try {
            return admin.identify(IdentifyCommand.CNS_COMMAND_SET_CONTROLLER, 0, IdentifyCommand.CSI_NVM, (result, address) -> {
                long range = IdentifyNvmController.DMRSL.get(address);
                return new Sizes(bytes(IdentifyNvmController.WZSL.get(address)), range == 0 ? Long.MAX_VALUE : range);
            });
        } catch (NvmeException e) {
            return Sizes.ANY;
        }
    }

    /** A limit that is said as a power of two of the controller's smallest page, 0 for none. */
    private long bytes(int power) {
        return power == 0 ? Long.MAX_VALUE : Property.smallestPage(controller.cap()) << Math.min(power, MOST_POWER);
    }

    private List<Integer> active() throws StorageException {
        List<Integer> nsids = new ArrayList<>();
        if (controller.version() < VERSION_1_1) {
            long count = Math.min(controller.namespaces(), MOST_COUNTED);
            for (int nsid = 1; nsid <= count; nsid++) {
                nsids.add(nsid);
            }
            return nsids;
        }
        int last = 0;
        int before;
        do {
            before = nsids.size();
            int from = last;
            last = admin.identify(IdentifyCommand.CNS_ACTIVE_NAMESPACES, from, 0, (result, address) -> append(nsids, from, address));
        } while (nsids.size() - before == IdentifyCommand.LIST_ENTRIES);
        return nsids;
    }

    /** Numbers rise; what does not is taken for the end. */
    private static int append(List<Integer> nsids, int from, long address) {
        int last = from;
        for (int i = 0; i < IdentifyCommand.LIST_ENTRIES; i++) {
            int nsid = Mem.getInt(address + i * 4L);
            if (Integer.compareUnsigned(nsid, last) <= 0) {
                break;
            }
            nsids.add(nsid);
            last = nsid;
        }
        return last;
    }

    /** A namespace with the number of its format, by which the command sets tell more of it. */
    private record Plain(NvmeNamespace namespace, int format) {}

    /** The namespace, or null when it is not active, or has blocks of a size that nobody uses. */
    private NvmeNamespace read(int nsid) throws StorageException {
        NvmeNamespace.Ids ids = ids(nsid);
        Plain plain = admin.identify(
            IdentifyCommand.CNS_NAMESPACE, nsid, 0, (result, address) -> plain(nsid, ids, address));
        if (plain == null) {
            return null;
        }
        NvmeNamespace namespace = plain.namespace;
        NvmeNamespace guarded = namespace.format().protection() == 0 ? namespace : withGuard(namespace, plain.format);
        return guarded.ids().commandSet() == IdentifyCommand.CSI_ZONED ? withZones(guarded, plain.format) : guarded;
    }

    private Plain plain(int nsid, NvmeNamespace.Ids ids, long address) {
        long blocks = IdentifyNamespace.NSZE.get(address);
        int index = formatIndex(IdentifyNamespace.FLBAS.get(address));
        long format = address + FORMATS + 4L * index;
        int lbads = Mem.getU8(format + 2);
        if (blocks <= 0 || lbads < LEAST_LBADS || lbads > MOST_LBADS) {
            if (blocks != 0) {
                LOG.log(Level.WARNING, "namespace {0} of {1} is left out: {2} blocks of 2^{3} bytes", nsid,
                    controller.serialNumber(), Long.toUnsignedString(blocks), lbads);
            }
            return null;
        }
        int dps = IdentifyNamespace.DPS.get(address);
        var described = new NvmeNamespace.Format(
            1 << lbads, Mem.getU16(format), (IdentifyNamespace.FLBAS.get(address) & EXTENDED_METADATA) != 0, dps & 7, (dps & 8) != 0, 16);
        long group = IdentifyNamespace.ANAGRPID.get(address);
        var namespace = new NvmeNamespace(
            nsid, blocks, described, completed(ids, address), limits(address, described), null,
            controller.ana().reported() ? ana.getOrDefault(group, AnaState.INACCESSIBLE) : AnaState.OPTIMIZED, group);
        return new Plain(namespace, index);
    }

    private static int formatIndex(int flbas) {
        return flbas & FORMAT_MASK | (flbas >> FORMAT_HIGH_SHIFT & 3) << 4;
    }

    private NvmeNamespace.Limits limits(long address, NvmeNamespace.Format format) {
        boolean sizes = (IdentifyNamespace.NSFEAT.get(address) & OPTIMAL_SIZES) != 0;
        boolean copies = controller.limits().knows(ControllerData.Limits.COPY);
        int most = Math.clamp(controller.limits().maxTransferBytes() / format.bufferBytes(), 1, MOST_TRANSFER_BLOCKS);
        int boundary = IdentifyNamespace.NOIOB.get(address);
        return new NvmeNamespace.Limits(
            most, Math.max(1, covered.zeroesBytes / format.bufferBytes()), covered.deallocateBlocks,
            boundary == 0 && quirks.stripes() ? most : boundary, sizes ? IdentifyNamespace.NPWG.get(address) + 1 : 1,
            (IdentifyNamespace.DLFEAT.get(address) & 7) == READS_ZEROES, copies ? IdentifyNamespace.MSSRL.get(address) : 0,
            IdentifyNamespace.MCL.get(address), IdentifyNamespace.MSRC.get(address) + 1,
            (IdentifyNamespace.NMIC.get(address) & 1) != 0, (IdentifyNamespace.NSATTR.get(address) & 1) != 0,
            IdentifyNamespace.RESCAP.get(address));
    }

    /** Identifiers from the list of descriptors; none where the controller has no such list. */
    private NvmeNamespace.Ids ids(int nsid) throws StorageException {
        var none = new NvmeNamespace.Ids(null, "", "", IdentifyCommand.CSI_NVM);
        if (controller.version() < VERSION_1_3) {
            return none;
        }
        try {
            return admin.identify(IdentifyCommand.CNS_NAMESPACE_DESCRIPTORS, nsid, 0, (result, address) -> descriptors(none, address));
        } catch (NvmeException e) {
            LOG.log(Level.DEBUG, "namespace {0} of {1} has no descriptors: {2}", nsid, controller.serialNumber(), e.getMessage());
            return none;
        }
    }

    private static NvmeNamespace.Ids descriptors(NvmeNamespace.Ids none, long address) {
        NvmeNamespace.Ids ids = none;
        long end = address + IdentifyCommand.DATA_BYTES;
        long at = address;
        while (at + NamespaceDescriptor.BYTES <= end && NamespaceDescriptor.NIDL.get(at) > 0) {
            int bytes = NamespaceDescriptor.NIDL.get(at);
            long value = at + NamespaceDescriptor.BYTES;
            if (value + bytes > end) {
                break;
            }
            ids = with(ids, NamespaceDescriptor.NIDT.get(at), bytes, value);
            at = value + bytes;
        }
        return ids;
    }

    private static NvmeNamespace.Ids with(NvmeNamespace.Ids ids, int type, int bytes, long value) {
        if (type == NamespaceDescriptor.NIDT_UUID && bytes == 16) {
            var uuid = new UUID(Long.reverseBytes(Mem.getLong(value)), Long.reverseBytes(Mem.getLong(value + 8)));
            return new NvmeNamespace.Ids(uuid, ids.nguid(), ids.eui64(), ids.commandSet());
        }
        if (type == NamespaceDescriptor.NIDT_NGUID && bytes == 16) {
            return new NvmeNamespace.Ids(ids.uuid(), hex(value, 16), ids.eui64(), ids.commandSet());
        }
        if (type == NamespaceDescriptor.NIDT_EUI64 && bytes == 8) {
            return new NvmeNamespace.Ids(ids.uuid(), ids.nguid(), hex(value, 8), ids.commandSet());
        }
        if (type == NamespaceDescriptor.NIDT_CSI && bytes == 1) {
            return new NvmeNamespace.Ids(ids.uuid(), ids.nguid(), ids.eui64(), Mem.getU8(value));
        }
        return ids;
    }

    /** What the descriptors did not say and the data structure says. */
    private NvmeNamespace.Ids completed(NvmeNamespace.Ids ids, long address) {
        if (quirks.falseIds()) {
            return new NvmeNamespace.Ids(null, "", "", ids.commandSet());
        }
        String nguid = ids.nguid().isEmpty() ? hex(IdentifyNamespace.NGUID.at(address), 16) : ids.nguid();
        String eui64 = ids.eui64().isEmpty() ? hex(IdentifyNamespace.EUI64.at(address), 8) : ids.eui64();
        return new NvmeNamespace.Ids(ids.uuid(), nguid, eui64, ids.commandSet());
    }

    /** In hexadecimal; empty for zeros, which stand for nothing. */
    private static String hex(long address, int bytes) {
        byte[] value = new byte[bytes];
        Mem.get(address, value, 0, bytes);
        boolean zero = true;
        for (byte each : value) {
            zero &= each == 0;
        }
        return zero ? "" : HexFormat.of().formatHex(value);
    }

    /** Guards of more than 16 bits are told by the command set's own data structure, where there is one. */
    private NvmeNamespace withGuard(NvmeNamespace namespace, int index) throws StorageException {
        try {
            int bits = admin.identify(
                IdentifyCommand.CNS_COMMAND_SET_NAMESPACE, namespace.nsid(), IdentifyCommand.CSI_NVM,
                (result, address) -> GUARD_BITS[Mem.getInt(address + EXTENDED_FORMATS + 4L * index) >> PIF_SHIFT & 3]);
            NvmeNamespace.Format format = namespace.format();
            return namespace.with(new NvmeNamespace.Format(
                format.blockSize(), format.metadataBytes(), format.extended(), format.protection(), format.protectionFirst(), bits));
        } catch (NvmeException e) {
            return namespace;
        }
    }

    private NvmeNamespace withZones(NvmeNamespace namespace, int index) throws StorageException {
        int zasl = admin.identify(
            IdentifyCommand.CNS_COMMAND_SET_CONTROLLER, 0, IdentifyCommand.CSI_ZONED,
            (result, address) -> IdentifyZonedController.ZASL.get(address));
        int append = (int) Math.min(namespace.limits().maxTransferBlocks(), Math.max(1, bytes(zasl) / namespace.format().bufferBytes()));
        return namespace.zoned(admin.identify(
            IdentifyCommand.CNS_COMMAND_SET_NAMESPACE, namespace.nsid(), IdentifyCommand.CSI_ZONED, (result, address) ->
                new NvmeNamespace.Zones(
                    IdentifyZonedNamespace.LBAFE0_ZSZE.get(address + (long) index * IdentifyZonedNamespace.LBAFE_BYTES),
                    counted(IdentifyZonedNamespace.MOR.get(address)), counted(IdentifyZonedNamespace.MAR.get(address)), append)));
    }

    /** Counted from 0, with all ones for no limit; counted from 1, with 0 for it. */
    private static long counted(long resources) {
        return resources + 1 & 0xffff_ffffL;
    }
}
