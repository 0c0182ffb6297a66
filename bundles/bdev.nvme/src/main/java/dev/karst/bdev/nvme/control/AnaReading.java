package dev.karst.bdev.nvme.control;

import dev.karst.base.StorageException;
import dev.karst.bdev.nvme.io.NamespacePath;
import dev.karst.nvme.AnaState;
import dev.karst.nvme.Command;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.NvmeNamespace;
import dev.karst.spec.nvme.GetLogPageCommand;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvme.log.AnaGroupDescriptor;
import dev.karst.spec.nvme.log.AnaLog;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/** Reads in the ANA log page how a namespace can be reached. NVMe Base 2.1, 5.1.12.1.13. */
final class AnaReading {
    private static final System.Logger LOG = System.getLogger(AnaReading.class.getName());
    private static final int BYTES = 4096;

    private AnaReading() {}

    /** Sets what the controller says now of the path. Control threads. */
    static void refresh(NamespacePath path) {
        NvmeController controller = path.controller().controller();
        Optional<NvmeNamespace> namespace = controller == null ? Optional.empty() : controller.namespace(path.nsid());
        if (namespace.isEmpty()) {
            return;
        }
        try {
            Command read = Command.logPage(
                (int) Sqe.NSID_ALL, GetLogPageCommand.LID_ANA, AnaLog.LSP_GROUPS_ONLY, 0, BYTES);
            byte[] page = controller.admin(read).data();
            state(ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN), namespace.get().anaGroup()).ifPresent(path::ana);
        } catch (StorageException e) {
            LOG.log(Level.DEBUG, "{0} does not say how its namespaces can be reached: {1}", path.id(), e.getMessage());
        }
    }

    private static Optional<AnaState> state(ByteBuffer page, long group) {
        int count = page.getShort(AnaLog.NAGD.offset()) & 0xffff;
        for (int at = AnaLog.BYTES; count > 0 && at + AnaGroupDescriptor.BYTES <= page.limit(); count--) {
            if ((page.getInt(at + AnaGroupDescriptor.AGID.offset()) & 0xffff_ffffL) == group) {
                return Optional.of(AnaState.of(page.get(at + AnaGroupDescriptor.ANAS.offset()) & 0xf));
            }
            at += AnaGroupDescriptor.BYTES;
        }
        return Optional.empty();
    }
}
