package dev.karst.nvme.testkit.io;

import dev.karst.base.Crc16;
import dev.karst.nvme.testkit.command.Page;
import dev.karst.nvme.testkit.media.Settings;
import dev.karst.spec.nvme.NvmCommand;
import dev.karst.spec.nvme.NvmeStatus;
import java.nio.ByteBuffer;

/**
 * Protection information with a guard of 16 bits. NVM Command Set 1.1, 5.3.
 *
 * @param info PRINFO: what is checked, and whether it is made
 * @param reference reference tag of the first block
 * @param application application tag
 * @param mask which bits of it are checked
 */
record Protection(int info, int reference, int application, int mask) {
    /** Bytes of it. */
    static final int BYTES = 8;

    private static final int ESCAPE = 0xffff;
    private static final int TYPE_3 = 3;
    private static final int INVALID = NvmeStatus.NVM_INVALID_PROTECTION_INFORMATION | NvmeStatus.DNR;

    /** What a command on a range says. */
    static Protection of(long sqe) {
        return new Protection(
            NvmCommand.PRINFO.get(sqe), NvmCommand.ILBRT.getInt(sqe), NvmCommand.LBAT.get(sqe), NvmCommand.LBATM.get(sqe));
    }

    boolean isMade() {
        return (info & NvmCommand.PRACT) != 0;
    }

    /** Whether the command may say that on such a namespace; its status. */
    int check(Settings settings, long slba) {
        if (settings.protection() == 0 || (info & NvmCommand.PRCHK_REFERENCE) == 0) {
            return 0;
        }
        boolean wrong = settings.protection() == TYPE_3 || settings.protection() == 1 && reference != (int) slba;
        return wrong ? INVALID : 0;
    }

    /** Makes it for all blocks. */
    void make(Blocks blocks, Settings settings) {
        for (int i = 0; i < blocks.count(); i++) {
            ByteBuffer information = information(blocks, settings, i);
            int tag = settings.protection() == TYPE_3 ? reference : reference + i;
            information.putShort((short) guard(blocks, settings, i)).putShort((short) application).putInt(tag);
        }
    }

    /** Checks that of all blocks; the status of the first that is wrong. */
    int verify(Blocks blocks, Settings settings) {
        for (int i = 0; i < blocks.count(); i++) {
            ByteBuffer information = information(blocks, settings, i);
            int guard = information.getShort() & ESCAPE;
            int tag = information.getShort() & ESCAPE;
            int found = information.getInt();
            boolean escaped = tag == ESCAPE && (settings.protection() != TYPE_3 || found == -1);
            if (escaped) {
                continue;
            }
            if ((info & NvmCommand.PRCHK_GUARD) != 0 && guard != guard(blocks, settings, i)) {
                return NvmeStatus.END_TO_END_GUARD_CHECK_ERROR;
            }
            if ((info & NvmCommand.PRCHK_APPLICATION) != 0 && (tag & mask) != (application & mask)) {
                return NvmeStatus.END_TO_END_APPLICATION_TAG_CHECK_ERROR;
            }
            if ((info & NvmCommand.PRCHK_REFERENCE) != 0 && found != reference + i) {
                return NvmeStatus.END_TO_END_REFERENCE_TAG_CHECK_ERROR;
            }
        }
        return 0;
    }

    private static int before(Settings settings) {
        return settings.protectionFirst() ? 0 : settings.format().metadataBytes() - BYTES;
    }

    private static ByteBuffer information(Blocks blocks, Settings settings, int block) {
        return ByteBuffer.wrap(blocks.metadata(), block * settings.format().metadataBytes() + before(settings), BYTES);
    }

    /** The CRC over a block's data, and over what of its metadata comes before. */
    private static int guard(Blocks blocks, Settings settings, int block) {
        int dataBytes = settings.format().dataBytes();
        int before = before(settings);
        byte[] covered = new byte[dataBytes + before];
        System.arraycopy(blocks.data(), block * dataBytes, covered, 0, dataBytes);
        System.arraycopy(blocks.metadata(), block * settings.format().metadataBytes(), covered, dataBytes, before);
        int[] crc = new int[1];
        Page.read(covered, address -> crc[0] = Crc16.update(0, address, covered.length));
        return crc[0];
    }
}
