package dev.karst.scsi.core.primary;

import dev.karst.base.Mem;
import dev.karst.scsi.TargetPort;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.Limits;
import dev.karst.scsi.core.model.UnitChannel;
import dev.karst.scsi.core.model.Workspace;
import dev.karst.spec.scsi.BlockLimitsPage;
import dev.karst.spec.scsi.InquiryCdb;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Vital product data. SPC-5, 7.7; SBC-4, 6.6. */
final class VitalPages {
    private static final int SUPPORTED = 0x00;
    private static final int SERIAL_NUMBER = 0x80;
    private static final int DEVICE_IDENTIFICATION = 0x83;
    private static final int MANAGEMENT_ADDRESSES = 0x85;
    private static final int EXTENDED_INQUIRY = 0x86;
    private static final int MODE_PAGE_POLICY = 0x87;
    private static final int SCSI_PORTS = 0x88;
    private static final int THIRD_PARTY_COPY = 0x8f;
    private static final int BLOCK_LIMITS = 0xb0;
    private static final int BLOCK_DEVICE_CHARACTERISTICS = 0xb1;
    private static final int LOGICAL_BLOCK_PROVISIONING = 0xb2;

    private static final byte[] ALL = {
        SUPPORTED, (byte) SERIAL_NUMBER, (byte) DEVICE_IDENTIFICATION, (byte) MANAGEMENT_ADDRESSES, (byte) EXTENDED_INQUIRY,
        (byte) MODE_PAGE_POLICY, (byte) SCSI_PORTS, (byte) THIRD_PARTY_COPY, (byte) BLOCK_LIMITS,
        (byte) BLOCK_DEVICE_CHARACTERISTICS,
        (byte) LOGICAL_BLOCK_PROVISIONING
    };

    private static final int HEAD_BYTES = 4;
    private static final int LONG_PAGE_BYTES = 64;
    private static final int PROVISIONING_BYTES = 8;
    private static final int MOST_PORT_BYTES = 512;

    private VitalPages() {}

    static void execute(Command command, int code) {
        if (command.unit == null) {
            command.invalidField(InquiryCdb.PAGE_CODE.offset(), Byte.SIZE - 1);
            return;
        }
        long page = command.clearPage(LONG_PAGE_BYTES);
        int bytes = switch (code) {
            case SUPPORTED -> put(page, ALL);
            case SERIAL_NUMBER -> put(page, command.channel().unit.uuid().toString().getBytes(StandardCharsets.US_ASCII));
            case DEVICE_IDENTIFICATION -> identification(command, page);
            case MANAGEMENT_ADDRESSES -> HEAD_BYTES;
            case EXTENDED_INQUIRY -> extended(page);
            case MODE_PAGE_POLICY -> put(page, new byte[] {0x3f, (byte) 0xff, 0, 0});
            case SCSI_PORTS -> ports(command, page);
            case THIRD_PARTY_COPY -> put(page, ThirdPartyCopyPage.descriptors());
            case BLOCK_LIMITS -> limits(command, page);
            case BLOCK_DEVICE_CHARACTERISTICS -> characteristics(command.channel(), page);
            case LOGICAL_BLOCK_PROVISIONING -> provisioning(command.channel(), page);
            default -> 0;
        };
        if (bytes == 0) {
            command.invalidField(InquiryCdb.PAGE_CODE.offset(), Byte.SIZE - 1);
            return;
        }
        Mem.setByte(page + 1, (byte) code);
        setShort(page, 2, bytes - HEAD_BYTES);
        command.answer(page, bytes, InquiryCdb.ALLOCATION_LENGTH.get(command.cdb()));
    }

    private static void setShort(long page, int at, int value) {
        Mem.setShort(page + at, Short.reverseBytes((short) value));
    }

    private static int put(long page, byte[] content) {
        Mem.put(page + HEAD_BYTES, content, 0, content.length);
        return HEAD_BYTES + content.length;
    }

    private static int identification(Command command, long page) {
        var designators = new Designators(page + HEAD_BYTES);
        designators.unit(command.channel().unit.uuid());
        designators.port(command);
        designators.device(command);
        return (int) (designators.end() - page);
    }

    /** Task attributes, LUN resets clear nothing but what they say; sense data of 64 bytes. SPC-5, 7.7.7. */
    private static int extended(long page) {
        // HEADSUP, ORDSUP, SIMPSUP.
        Mem.setByte(page + 5, (byte) 0x07);
        // V_SUP where a volatile cache may be.
        Mem.setByte(page + 6, (byte) 0x01);
        // LUICLR: unit attentions are cleared for one initiator only.
        Mem.setByte(page + 7, (byte) 0x01);
        // MAXIMUM SUPPORTED SENSE DATA LENGTH.
        Mem.setByte(page + 13, (byte) 64);
        return LONG_PAGE_BYTES;
    }

    /** Each port, by its relative identifier and its name. SPC-5, 7.7.16. */
    private static int ports(Command command, long page) {
        long at = page + HEAD_BYTES;
        List<TargetPort> ports = command.nexus.group.device.ports();
        for (TargetPort port : ports) {
            if (at - page > Workspace.PAGE_BYTES - MOST_PORT_BYTES) {
                break;
            }
            Mem.fill(at, 12, (byte) 0);
            setShort(at, 2, port.relativeId());
            var designators = new Designators(at + 12);
            designators.name(port);
            setShort(at, 10, (int) (designators.end() - at - 12));
            at = designators.end();
        }
        return (int) (at - page);
    }

    private static int limits(Command command, long page) {
        UnitChannel channel = command.channel();
        int shift = channel.blockShift;
        long most = command.nexus.maxTransferBytes >> shift;
        int physical = Math.max(1, channel.unit.bdev().physicalBlockSize() >> shift);
        BlockLimitsPage.WSNZ.set(page, 1);
        BlockLimitsPage.MAXIMUM_COMPARE_AND_WRITE_LENGTH.set(page, Limits.compareAndWriteBlocks(shift));
        BlockLimitsPage.OPTIMAL_TRANSFER_LENGTH_GRANULARITY.set(page, Math.min(physical, 0xffff));
        BlockLimitsPage.MAXIMUM_TRANSFER_LENGTH.set(page, most);
        BlockLimitsPage.OPTIMAL_TRANSFER_LENGTH.set(page, Math.min(most, Math.max(1, Limits.OPTIMAL_BYTES >> shift)));
        if (channel.unmaps) {
            BlockLimitsPage.MAXIMUM_UNMAP_LBA_COUNT.set(page, Limits.UNMAP_BLOCKS);
            BlockLimitsPage.MAXIMUM_UNMAP_BLOCK_DESCRIPTOR_COUNT.set(page, Limits.UNMAP_DESCRIPTORS);
            BlockLimitsPage.OPTIMAL_UNMAP_GRANULARITY.set(page, physical);
        }
        BlockLimitsPage.MAXIMUM_WRITE_SAME_LENGTH.set(page, Limits.WRITE_SAME_BLOCKS);
        return BlockLimitsPage.BYTES;
    }

    /** A medium that does not rotate. SBC-4, 6.6.2. */
    private static int characteristics(UnitChannel channel, long page) {
        setShort(page, 4, 1);
        // WABEREQ: reads go well after BLOCK ERASE.
        Mem.setByte(page + 7, (byte) (channel.unmaps ? 0x40 : 0));
        return LONG_PAGE_BYTES;
    }

    /** SBC-4, 6.6.6. */
    private static int provisioning(UnitChannel channel, long page) {
        if (channel.unmaps) {
            // LBPU, LBPWS, LBPWS10; LBPRZ where it holds.
            Mem.setByte(page + 5, (byte) (0xe0 | (channel.unmapReadsZeroes ? 0x04 : 0)));
            // PROVISIONING TYPE: thin.
            Mem.setByte(page + 6, (byte) 2);
        }
        return PROVISIONING_BYTES;
    }
}
