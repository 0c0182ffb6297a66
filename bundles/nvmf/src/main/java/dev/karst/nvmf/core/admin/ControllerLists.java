package dev.karst.nvmf.core.admin;

import dev.karst.base.Mem;
import dev.karst.nvmf.core.model.Controller;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Sqe;

/** The controller lists of Identify. A namespace is attached to every controller whose host may see it. */
final class ControllerLists {
    private static final int INVALID_NAMESPACE = NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR;

    private ControllerLists() {}

    /** Fills the page, all zero, in, and gives the status. */
    static int compose(long page, long sqe, Controller asker) {
        boolean all = IdentifyCommand.CNS.get(sqe) == IdentifyCommand.CNS_CONTROLLERS;
        long nsid = Sqe.NSID.get(sqe);
        if (!all && asker.namespace(nsid) == null) {
            return INVALID_NAMESPACE;
        }
        int from = IdentifyCommand.CNTID.get(sqe);
        int[] found = asker.subsystem.controllers().stream()
            .filter(controller -> all || controller.namespace(nsid) != null)
            .mapToInt(controller -> controller.cntlid)
            .filter(cntlid -> cntlid >= from).sorted().limit(IdentifyCommand.CONTROLLER_LIST_ENTRIES).toArray();
        Mem.setShort(page, (short) found.length);
        for (int i = 0; i < found.length; i++) {
            Mem.setShort(page + (i + 1L) * Short.BYTES, (short) found[i]);
        }
        return NvmeStatus.SUCCESSFUL_COMPLETION;
    }
}
