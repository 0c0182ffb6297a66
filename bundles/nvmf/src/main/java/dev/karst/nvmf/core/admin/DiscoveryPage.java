package dev.karst.nvmf.core.admin;

import dev.karst.base.Mem;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.core.model.Command;
import dev.karst.nvmf.core.model.Controller;
import dev.karst.nvmf.core.model.DiscoverySnapshot;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvmf.ConnectData;
import dev.karst.spec.nvmf.DiscoveryEntry;
import dev.karst.spec.nvmf.DiscoveryLog;
import java.util.List;

/**
 * The discovery log page: what this host may connect to, and where. Only the blocks that the host asks for are
 * composed, so the memory that it takes does not grow with the number of subsystems. NVMe Base 2.1, 5.1.12.3.1.
 */
public final class DiscoveryPage {
    private static final int BLOCK = DiscoveryEntry.BYTES;
    /** The host may turn SQ flow control off. */
    private static final int TREQ_NO_FLOW_CONTROL = 4;
    private static final int TREQ_SECURE = 1;
    private static final int EFLAGS_PERSISTENT = 2;

    private DiscoveryPage() {}

    /** Answers with {@code bytes} bytes of the page from {@code offset} on. */
    public static void answer(Command command, Controller controller, long offset, int bytes) {
        DiscoverySnapshot all = controller.group().target.discovery();
        List<DiscoverySnapshot.Entry> entries =
            all.of(controller.hostNqn, controller.adminQueue.connection.listener());
        long size = (1L + entries.size()) * BLOCK;
        if (offset < 0 || offset > size) {
            command.finish(NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR);
            return;
        }
        command.zero();
        long end = Math.min(offset + bytes, size);
        long page = command.queue.group.page;
        for (long at = offset; at < end; at = (at / BLOCK + 1) * BLOCK) {
            int block = (int) (at / BLOCK);
            compose(page, block, all.generation(), entries);
            long part = Math.min(end, (block + 1L) * BLOCK) - at;
            command.request.data.copyFrom(at - offset, page + at % BLOCK, part);
        }
        command.succeedWithData();
    }

    private static void compose(long page, int block, long generation, List<DiscoverySnapshot.Entry> entries) {
        Mem.fill(page, BLOCK, (byte) 0);
        if (block == 0) {
            DiscoveryLog.GENCTR.set(page, generation);
            DiscoveryLog.NUMREC.set(page, entries.size());
        } else {
            compose(page, entries.get(block - 1));
        }
    }

    private static void compose(long page, DiscoverySnapshot.Entry entry) {
        ListenAddress address = entry.address();
        boolean isIpv6 = address.adrfam().equalsIgnoreCase("IPv6");
        boolean isRdma = address.trtype().equals("RDMA");
        DiscoveryEntry.TRTYPE.set(page, isRdma ? DiscoveryEntry.TRTYPE_RDMA : DiscoveryEntry.TRTYPE_TCP);
        DiscoveryEntry.ADRFAM.set(page, isIpv6 ? DiscoveryEntry.ADRFAM_IPV6 : DiscoveryEntry.ADRFAM_IPV4);
        int requirements = entry.listener() == null ? 0 : TREQ_NO_FLOW_CONTROL;
        DiscoveryEntry.TREQ.set(page, entry.secure() ? requirements | TREQ_SECURE : requirements);
        DiscoveryEntry.PORTID.set(page, entry.portId());
        DiscoveryEntry.CNTLID.set(page, ConnectData.CNTLID_ANY);
        DiscoveryEntry.ASQSZ.set(page, entry.queueEntries());
        DiscoveryEntry.TRSVCID.set(page, address.trsvcid());
        DiscoveryEntry.SUBNQN.set(page, entry.nqn());
        DiscoveryEntry.TRADDR.set(page, address.traddr());
        DiscoveryEntry.SUBTYPE.set(page, entry.subtype());
        if (entry.subtype() == DiscoveryEntry.SUBTYPE_CURRENT_DISCOVERY) {
            DiscoveryEntry.EFLAGS.set(page, EFLAGS_PERSISTENT);
        }
    }
}
