package dev.karst.nvmf.core.admin;

import dev.karst.base.Mem;
import dev.karst.nvmf.core.model.AnaStates;
import dev.karst.nvmf.core.model.Command;
import dev.karst.nvmf.core.model.Controller;
import dev.karst.nvmf.core.model.Namespace;
import dev.karst.spec.nvme.GetLogPageCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.log.AnaGroupDescriptor;
import dev.karst.spec.nvme.log.AnaLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The Asymmetric Namespace Access log page: the groups that have namespaces which the host may see, and their states
 * where it is connected. NVMe Base 2.1, 5.1.12.1.13.
 */
final class AnaPage {
    private AnaPage() {}

    static void answer(Command command, Controller controller, long offset, int bytes) {
        if (controller.listener == null || offset < 0) {
            command.finish(NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR);
            return;
        }
        long changes = controller.subsystem.namespaceChanges();
        AnaStates states = controller.listener.ana();
        Map<Integer, List<Integer>> groups = groups(controller);
        boolean groupsOnly = (GetLogPageCommand.LSP.get(command.sqe()) & AnaLog.LSP_GROUPS_ONLY) != 0;
        long piece = command.queue.group.page;
        var window = new PageWindow(command, offset, bytes);
        Mem.fill(piece, AnaLog.BYTES, (byte) 0);
        AnaLog.CHGCNT.set(piece, changes + states.changes());
        AnaLog.NAGD.set(piece, groups.size());
        window.put(piece, AnaLog.BYTES);
        groups.forEach((group, namespaces) ->
            put(window, piece, states, group, groupsOnly ? List.of() : namespaces));
        window.answer();
    }

    private static Map<Integer, List<Integer>> groups(Controller controller) {
        var groups = new TreeMap<Integer, List<Integer>>();
        for (Namespace namespace : controller.namespaces()) {
            groups.computeIfAbsent(namespace.anaGroup(), _ -> new ArrayList<>()).add(namespace.nsid);
        }
        return groups;
    }

    private static void put(PageWindow window, long piece, AnaStates states, int group, List<Integer> namespaces) {
        Mem.fill(piece, AnaGroupDescriptor.BYTES, (byte) 0);
        AnaGroupDescriptor.AGID.set(piece, group);
        AnaGroupDescriptor.NNV.set(piece, namespaces.size());
        AnaGroupDescriptor.CHGCNT.set(piece, states.changes(group));
        AnaGroupDescriptor.ANAS.set(piece, states.of(group).code);
        window.put(piece, AnaGroupDescriptor.BYTES);
        for (int nsid : namespaces) {
            Mem.setInt(piece, nsid);
            window.put(piece, Integer.BYTES);
        }
    }
}
