package dev.karst.nvme;

import dev.karst.nvme.Command.Dwords;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.IdentifyNamespace;
import dev.karst.spec.nvme.Opcode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Admin commands for {@link NvmeController#admin}: what those who manage controllers send. NVMe Base 2.1, 5. What the controller refuses
 * ends the call with EIO and the status.
 */
public final class AdminCommand {
    /** NSID: all namespaces, or the controller as a whole. */
    public static final int ALL = -1;

    private static final int DETACH = 1;
    private static final int DELETE = 1;
    private static final int CONTROLLER_LIST_BYTES = 4096;
    private static final int DPS_SHIFT = 5;
    private static final int SECURE_ERASE_SHIFT = 9;
    private static final int EXTENDED_METADATA = 1 << 4;
    private static final int FORMAT_LOW = 0xf;
    private static final int FORMAT_HIGH_SHIFT = 12;
    private static final int CSI_SHIFT = 24;
    private static final int ACTION_SHIFT = 3;
    private static final int PROTOCOL_SHIFT = 24;
    private static final int SPECIFIC_SHIFT = 8;
    private static final int TYPE_SHIFT = 8;
    private static final int SAVE = 1 << 31;

    private AdminCommand() {}

    /**
     * How blocks of a namespace are to look.
     *
     * @param index of the format among those that the controller lists (LBAF)
     * @param extended whether metadata follows the data in the same buffer
     * @param protection protection information type, 0 for none
     * @param first whether protection information comes first in the metadata
     */
    public record Format(int index, boolean extended, int protection, boolean first) {
        private int flbas() {
            return index & FORMAT_LOW | (extended ? EXTENDED_METADATA : 0) | index >> 4 << DPS_SHIFT;
        }

        private int dps() {
            return protection | (first ? 1 << 3 : 0);
        }
    }

    /** Identify, 4096 bytes. 5.1.13. */
    public static Command identify(int nsid, int cns) {
        return identify(nsid, cns, 0, 0);
    }

    /** Identify of a controller's identifier or a command set. 5.1.13. */
    public static Command identify(int nsid, int cns, int cntid, int csi) {
        return Command.of(Opcode.ADMIN_IDENTIFY, nsid).with(cns | cntid << Short.SIZE, csi << CSI_SHIFT)
            .receiving(IdentifyCommand.DATA_BYTES);
    }

    /** Get Features: the current value is the reply's result. 5.1.11. */
    public static Command feature(int nsid, int fid, int bytes) {
        return Command.of(Opcode.ADMIN_GET_FEATURES, nsid).with(fid, 0).receiving(bytes);
    }

    /** Set Features. 5.1.25. */
    public static Command setFeature(int nsid, int fid, int value, boolean save) {
        return Command.of(Opcode.ADMIN_SET_FEATURES, nsid).with(fid | (save ? SAVE : 0), value);
    }

    /**
     * Format NVM: what the namespace holds is lost. 5.1.10.
     *
     * @param secureErase SES: 0 for none, 1 user data, 2 cryptographic
     */
    public static Command format(int nsid, Format format, int secureErase) {
        int dword = format.index & FORMAT_LOW | (format.extended ? EXTENDED_METADATA : 0) | format.dps() << DPS_SHIFT
            | secureErase << SECURE_ERASE_SHIFT | format.index >> 4 << FORMAT_HIGH_SHIFT;
        return Command.of(Opcode.ADMIN_FORMAT_NVM, nsid).with(dword, 0);
    }

    /**
     * Namespace Management, create: the new NSID is the reply's result. It is attached to no controller. 5.1.20.
     *
     * @param shared whether several controllers may have it
     */
    public static Command createNamespace(long blocks, Format format, boolean shared) {
        ByteBuffer data = ByteBuffer.allocate(IdentifyNamespace.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        data.putLong(IdentifyNamespace.NSZE.offset(), blocks).putLong(IdentifyNamespace.NCAP.offset(), blocks);
        data.put(IdentifyNamespace.FLBAS.offset(), (byte) format.flbas()).put(IdentifyNamespace.DPS.offset(), (byte) format.dps());
        data.put(IdentifyNamespace.NMIC.offset(), (byte) (shared ? 1 : 0));
        return Command.of(Opcode.ADMIN_NAMESPACE_MANAGEMENT, 0).sending(data.array());
    }

    /** Namespace Management, delete. 5.1.20. */
    public static Command deleteNamespace(int nsid) {
        return Command.of(Opcode.ADMIN_NAMESPACE_MANAGEMENT, nsid).with(DELETE, 0);
    }

    /** Namespace Attachment, attach to these controllers. 5.1.19. */
    public static Command attachNamespace(int nsid, int... controllers) {
        return Command.of(Opcode.ADMIN_NAMESPACE_ATTACHMENT, nsid).sending(list(controllers));
    }

    /** Namespace Attachment, detach from these controllers. 5.1.19. */
    public static Command detachNamespace(int nsid, int... controllers) {
        return Command.of(Opcode.ADMIN_NAMESPACE_ATTACHMENT, nsid).with(DETACH, 0).sending(list(controllers));
    }

    private static byte[] list(int... controllers) {
        ByteBuffer list = ByteBuffer.allocate(CONTROLLER_LIST_BYTES).order(ByteOrder.LITTLE_ENDIAN).putShort((short) controllers.length);
        for (int controller : controllers) {
            list.putShort((short) controller);
        }
        return list.array();
    }

    /** Firmware Image Download: a part of an image, a multiple of 4 bytes, at that offset. 5.1.9. */
    public static Command downloadFirmware(int offset, byte[] part) {
        return Command.of(Opcode.ADMIN_FIRMWARE_DOWNLOAD, 0).with(part.length / Integer.BYTES - 1, offset / Integer.BYTES).sending(part);
    }

    /**
     * Firmware Commit. 5.1.8.
     *
     * @param slot 1 to 7, 0 for the controller's choice
     * @param action 0 store, 1 store and activate at the next reset, 2 activate at the next reset, 3 activate now
     */
    public static Command commitFirmware(int slot, int action) {
        return Command.of(Opcode.ADMIN_FIRMWARE_COMMIT, 0).with(slot | action << ACTION_SHIFT, 0);
    }

    /**
     * Sanitize: everything that the subsystem holds is lost; log page 81h shows how far it is. 5.1.22.
     *
     * @param action 1 leave failure mode, 2 block erase, 3 overwrite, 4 cryptographic erase
     * @param pattern for an overwrite
     */
    public static Command sanitize(int action, int pattern) {
        return Command.of(Opcode.ADMIN_SANITIZE, 0).with(action, pattern);
    }

    /** Device Self-test: code 1 short, 2 extended, 15 abort; log page 06h shows how far it is. 5.1.5. */
    public static Command selfTest(int nsid, int code) {
        return Command.of(Opcode.ADMIN_DEVICE_SELF_TEST, nsid).with(code, 0);
    }

    /**
     * Security Send. 5.1.24.
     *
     * @param protocol SECP
     * @param specific SPSP
     */
    public static Command securitySend(int protocol, int specific, byte[] data) {
        return Command.of(Opcode.ADMIN_SECURITY_SEND, 0).with(protocol << PROTOCOL_SHIFT | specific << SPECIFIC_SHIFT, data.length).sending(data);
    }

    /** Security Receive. 5.1.23. */
    public static Command securityReceive(int protocol, int specific, int bytes) {
        return Command.of(Opcode.ADMIN_SECURITY_RECEIVE, 0).with(protocol << PROTOCOL_SHIFT | specific << SPECIFIC_SHIFT, bytes).receiving(bytes);
    }

    /**
     * Directive Send without data. 5.1.7.
     *
     * @param type DTYPE: 0 identify, 1 streams
     * @param operation DOPER
     * @param specific DSPEC
     * @param dword12 for the operation
     */
    public static Command directiveSend(int nsid, int type, int operation, int specific, int dword12) {
        return Command.of(Opcode.ADMIN_DIRECTIVE_SEND, nsid)
            .with(new Dwords(0, operation | type << TYPE_SHIFT | specific << Short.SIZE, dword12, 0, 0, 0));
    }

    /** Directive Receive. 5.1.6. */
    public static Command directiveReceive(int nsid, int type, int operation, int specific, int bytes) {
        return Command.of(Opcode.ADMIN_DIRECTIVE_RECEIVE, nsid)
            .with(bytes / Integer.BYTES - 1, operation | type << TYPE_SHIFT | specific << Short.SIZE).receiving(bytes);
    }
}
