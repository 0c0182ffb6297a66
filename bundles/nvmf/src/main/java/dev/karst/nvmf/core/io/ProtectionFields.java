package dev.karst.nvmf.core.io;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.Metadata;
import dev.karst.bdev.ProtectionLayout;
import dev.karst.nvmf.core.model.Command;
import dev.karst.nvmf.core.model.NamespaceChannel;
import dev.karst.spec.nvme.NvmCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvme.nvm.CopyCommand;
import dev.karst.spec.nvme.nvm.CopyRange;
import dev.karst.spec.nvme.nvm.CopyRange1;

/**
 * What commands say of protection information, and what of it the block I/O is told; where a namespace has none, it is
 * ignored. The block layer makes and checks it, with the low bits of a block's number as its reference tag, so that a
 * command that expects or wants another one is refused, and one that wants a storage tag. NVM Command Set 1.1, 5.3.
 */
@ReactorConfined
final class ProtectionFields {
    private static final int INVALID = NvmeStatus.NVM_INVALID_PROTECTION_INFORMATION | NvmeStatus.DNR;
    private static final int ALL_CHECKS = Metadata.GUARD | Metadata.APPLICATION_TAG | Metadata.REFERENCE_TAG;
    private static final int ALL_BITS = 0xffff;
    /** The reference tag is that of the block for types 1 and 2, and means nothing for this one. */
    private static final int TYPE_WITHOUT_PLACE = 3;

    private ProtectionFields() {}

    /** Takes what a command says that has one range. */
    static int take(Command command, NamespaceChannel namespace) {
        if (namespace.protection == 0) {
            clear(command);
            return IoChecks.OK;
        }
        long sqe = command.sqe();
        int prinfo = NvmCommand.PRINFO.get(sqe);
        int opcode = Sqe.OPC.get(sqe);
        boolean writes = opcode == Opcode.NVM_WRITE || opcode == Opcode.NVM_WRITE_ZEROES;
        boolean mayAct = (writes || opcode == Opcode.NVM_READ) && Sqe.FUSE.get(sqe) == 0;
        boolean wrong = acts(prinfo) && !mayAct
            || isMisplaced(namespace, prinfo, reference(namespace.layout, sqe), NvmCommand.SLBA.get(sqe), writes)
            || writes && acts(prinfo) && hasStorageTag(namespace.layout, sqe);
        if (isUnknown(command, namespace.layout)) {
            return IoChecks.INVALID_NAMESPACE;
        } else if (wrong) {
            return INVALID;
        }
        command.protectionAction = acts(prinfo);
        command.uncheckedProtection = unchecked(prinfo);
        command.applicationTag = NvmCommand.LBAT.get(sqe);
        command.applicationTagMask = mask(prinfo, NvmCommand.LBATM.get(sqe));
        return IoChecks.OK;
    }

    /** Whether it lies in a way that the host has not said it knows. NVMe Base 2.1, 5.1.25.1.14. */
    private static boolean isUnknown(Command command, ProtectionLayout layout) {
        return layout != ProtectionLayout.GUARD_16 && !command.queue.controller().features.knowsExtendedFormats();
    }

    /** The reference tag that the command says, of the first block. */
    private static long reference(ProtectionLayout layout, long sqe) {
        return (Sqe.CDW3.get(sqe) << Integer.SIZE | NvmCommand.ILBRT.get(sqe)) & layout.referenceMask;
    }

    private static boolean hasStorageTag(ProtectionLayout layout, long sqe) {
        return layout.storageBits != 0 && (Sqe.CDW2.get(sqe) & (1 << layout.storageBits) - 1) != 0;
    }

    private static void clear(Command command) {
        command.protectionAction = false;
        command.uncheckedProtection = 0;
        command.applicationTag = 0;
        command.applicationTagMask = 0;
    }

    private static boolean acts(int prinfo) {
        return (prinfo & NvmCommand.PRACT) != 0;
    }

    private static int unchecked(int prinfo) {
        int checks = (prinfo & NvmCommand.PRCHK_GUARD) != 0 ? Metadata.GUARD : 0;
        checks |= (prinfo & NvmCommand.PRCHK_APPLICATION) != 0 ? Metadata.APPLICATION_TAG : 0;
        checks |= (prinfo & NvmCommand.PRCHK_REFERENCE) != 0 ? Metadata.REFERENCE_TAG : 0;
        return ALL_CHECKS & ~checks;
    }

    private static int mask(int prinfo, int mask) {
        return (prinfo & NvmCommand.PRCHK_APPLICATION) != 0 ? mask : 0;
    }

    /**
     * Whether a reference tag is expected, or wanted in what is written, that blocks here do not have. Hosts that have
     * theirs made for type 1 need not know it.
     */
    private static boolean isMisplaced(
        NamespaceChannel namespace, int prinfo, long reference, long block, boolean writes) {
        boolean checks = (prinfo & NvmCommand.PRCHK_REFERENCE) != 0;
        boolean makes = writes && acts(prinfo);
        if (namespace.protection == TYPE_WITHOUT_PLACE) {
            return checks || makes && reference != 0;
        }
        return (checks || makes && namespace.protection > 1) && reference != (block & namespace.layout.referenceMask);
    }

    /** Whether two fused commands, which become one block I/O, want the same. */
    static boolean isSame(Command one, Command other) {
        return one.uncheckedProtection == other.uncheckedProtection
            && one.applicationTagMask == other.applicationTagMask
            && ((one.applicationTag ^ other.applicationTag) & one.applicationTagMask) == 0;
    }

    // Copy: what is read and what is written is checked in one.

    /** Takes what a Copy says of all of its ranges. */
    static int takeCopy(Command command, NamespaceChannel namespace) {
        clear(command);
        if (namespace.protection == 0) {
            return IoChecks.OK;
        }
        long sqe = command.sqe();
        int read = CopyCommand.PRINFOR.get(sqe);
        int written = CopyCommand.PRINFOW.get(sqe);
        boolean wrong = acts(read) != acts(written) || acts(written) && hasStorageTag(namespace.layout, sqe)
            || isMisplaced(namespace, written, reference(namespace.layout, sqe), CopyCommand.SDLBA.get(sqe), true);
        if (isUnknown(command, namespace.layout)) {
            return IoChecks.INVALID_NAMESPACE;
        }
        command.protectionAction = acts(read);
        command.uncheckedProtection = unchecked(acts(read) ? read : read | written);
        return wrong ? INVALID : IoChecks.OK;
    }

    /** Bytes of a source range, which says more where reference tags are longer. */
    static int rangeBytes(NamespaceChannel namespace) {
        return namespace.layout == ProtectionLayout.GUARD_16 ? CopyRange.BYTES : CopyRange1.BYTES;
    }

    /** The descriptor format of such source ranges. */
    static int rangeFormat(NamespaceChannel namespace) {
        return namespace.layout == ProtectionLayout.GUARD_16 ? CopyRange.FORMAT : CopyRange1.FORMAT;
    }

    /** Holds a source range to what there is. */
    static int checkRange(Command command, NamespaceChannel namespace, long range) {
        if (namespace.protection == 0) {
            return IoChecks.OK;
        }
        int common = readMask(command, namespace.layout, range) & writtenMask(command);
        boolean contradicts =
            ((expectedTag(namespace.layout, range) ^ CopyCommand.LBAT.get(command.sqe())) & common) != 0;
        boolean wrong = contradicts || isMisplaced(namespace, CopyCommand.PRINFOR.get(command.sqe()),
            expectedReference(namespace.layout, range), CopyRange.SLBA.get(range), false);
        return wrong ? INVALID : IoChecks.OK;
    }

    private static long expectedReference(ProtectionLayout layout, long range) {
        return layout == ProtectionLayout.GUARD_16 ? CopyRange.EILBRT.get(range)
            : CopyRange1.EILBRT.get(range) & layout.referenceMask;
    }

    private static int expectedTag(ProtectionLayout layout, long range) {
        return layout == ProtectionLayout.GUARD_16 ? CopyRange.ELBAT.get(range) : CopyRange1.ELBAT.get(range);
    }

    /** Takes what a source range says, which has been checked. */
    static void takeRange(Command command, long range) {
        if (command.namespace.protection != 0) {
            ProtectionLayout layout = command.namespace.layout;
            int read = readMask(command, layout, range);
            int written = writtenMask(command);
            command.applicationTag =
                expectedTag(layout, range) & read | CopyCommand.LBAT.get(command.sqe()) & written;
            command.applicationTagMask = command.protectionAction ? read : read | written;
        }
    }

    private static int readMask(Command command, ProtectionLayout layout, long range) {
        int mask = layout == ProtectionLayout.GUARD_16 ? CopyRange.ELBATM.get(range) : CopyRange1.ELBATM.get(range);
        return mask(CopyCommand.PRINFOR.get(command.sqe()), mask);
    }

    /** Which bits of the application tag the Copy says for what is written. */
    private static int writtenMask(Command command) {
        long sqe = command.sqe();
        return command.protectionAction ? ALL_BITS : mask(CopyCommand.PRINFOW.get(sqe), CopyCommand.LBATM.get(sqe));
    }
}
