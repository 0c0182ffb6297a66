package dev.karst.scsi.core.primary;

import dev.karst.base.Mem;
import dev.karst.scsi.TargetPort;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.Operation;
import dev.karst.spec.scsi.InquiryCdb;
import dev.karst.spec.scsi.InquiryData;
import java.util.List;

/** INQUIRY. SPC-5, 6.7. */
public final class Inquiry {
    /** T10 VENDOR IDENTIFICATION. */
    static final String VENDOR = "KARST";
    private static final String REVISION = "0001";
    private static final int FORMAT = 2;
    private static final int HEAD_BYTES = 5;
    private static final int TPGS_IMPLICIT = 1;

    private Inquiry() {}

    /** What the table has of it. */
    public static List<Operation> operations() {
        return List.of(Operation.of("12 01 ff ff ff 00", Operation.FREE, Inquiry::execute).passing());
    }

    private static void execute(Command command) {
        long cdb = command.cdb();
        int page = InquiryCdb.PAGE_CODE.get(cdb);
        if (InquiryCdb.EVPD.get(cdb) != 0) {
            VitalPages.execute(command, page);
        } else if (page != 0) {
            command.invalidField(InquiryCdb.PAGE_CODE.offset(), Byte.SIZE - 1);
        } else {
            standard(command);
        }
    }

    private static void standard(Command command) {
        long page = command.clearPage(InquiryData.BYTES);
        InquiryData.VERSION.set(page, InquiryData.SPC_4);
        InquiryData.RESPONSE_DATA_FORMAT.set(page, FORMAT);
        InquiryData.HISUP.set(page, 1);
        InquiryData.ADDITIONAL_LENGTH.set(page, InquiryData.BYTES - HEAD_BYTES);
        InquiryData.THIRD_PARTY_COPY.set(page, 1);
        InquiryData.TPGS.set(page, TPGS_IMPLICIT);
        InquiryData.MULTIP.set(page, command.nexus.group.device.ports().size() > 1 ? 1 : 0);
        InquiryData.CMDQUE.set(page, 1);
        InquiryData.T10_VENDOR_IDENTIFICATION.set(page, VENDOR);
        InquiryData.PRODUCT_IDENTIFICATION.set(page, command.unit == null ? "" : command.channel().unit.bdev().productName());
        InquiryData.PRODUCT_REVISION_LEVEL.set(page, REVISION);
        InquiryData.VERSION_DESCRIPTOR_1.set(page, InquiryData.DESCRIPTOR_SAM_5);
        InquiryData.VERSION_DESCRIPTOR_2.set(page, InquiryData.DESCRIPTOR_SPC_4);
        InquiryData.VERSION_DESCRIPTOR_3.set(page, InquiryData.DESCRIPTOR_SBC_3);
        if (command.nexus.port.protocol() == TargetPort.ISCSI) {
            InquiryData.VERSION_DESCRIPTOR_4.set(page, InquiryData.DESCRIPTOR_ISCSI);
        }
        if (command.unit == null) {
            Mem.setByte(page, (byte) InquiryData.NO_UNIT);
        }
        command.answer(page, InquiryData.BYTES, InquiryCdb.ALLOCATION_LENGTH.get(command.cdb()));
    }
}
