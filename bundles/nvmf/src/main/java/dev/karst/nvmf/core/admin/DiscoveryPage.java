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
import java.util.ArrayList;
import java.util.List;

/**
 * The discovery log page: what this host may connect to, and where. Only the blocks that the host asks for are
 * composed, so the memory that it takes does not grow with the number of subsystems. NVMe Base 2.1, 5.1.12.3.1.
 */
public final class DiscoveryPage {
    private static final int BLOCK = DiscoveryEntry.BYTES;
    /** The host may turn SQ flow control off. */
    private static final int TREQ_NO_FLOW_CONTROL = 4;
    private static final int EFLAGS_PERSISTENT = 2;

    private DiscoveryPage() {}

    /** Answers with {@code bytes} bytes of the page from {@code offset} on. */
    public static void answer(Command command, Controller controller, long offset, int bytes) {
        DiscoverySnapshot all = controller.group().target.discovery();
        var entries = new ArrayList<DiscoverySnapshot.Entry>();
        for (DiscoverySnapshot.Entry entry : all.entries()) {
            if (entry.subsystem().admits(controller.hostNqn)) {
                entries.add(entry);
            }
        }
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
        DiscoveryEntry.TRTYPE.set(page, DiscoveryEntry.TRTYPE_TCP);
        DiscoveryEntry.ADRFAM.set(page, isIpv6 ? DiscoveryEntry.ADRFAM_IPV6 : DiscoveryEntry.ADRFAM_IPV4);
        DiscoveryEntry.TREQ.set(page, TREQ_NO_FLOW_CONTROL);
        DiscoveryEntry.PORTID.set(page, entry.portId());
        DiscoveryEntry.CNTLID.set(page, ConnectData.CNTLID_ANY);
        DiscoveryEntry.ASQSZ.set(page, entry.queueEntries());
        DiscoveryEntry.TRSVCID.set(page, address.trsvcid());
        DiscoveryEntry.SUBNQN.set(page, entry.subsystem().nqn);
        DiscoveryEntry.TRADDR.set(page, address.traddr());
        if (entry.subsystem().discovery) {
            DiscoveryEntry.SUBTYPE.set(page, DiscoveryEntry.SUBTYPE_CURRENT_DISCOVERY);
            DiscoveryEntry.EFLAGS.set(page, EFLAGS_PERSISTENT);
        } else {
            DiscoveryEntry.SUBTYPE.set(page, DiscoveryEntry.SUBTYPE_NVM);
        }
    }
}
