package dev.karst.nvmf.core.handover;

import dev.karst.base.StateReader;
import dev.karst.base.StateWriter;
import dev.karst.base.StorageException;
import dev.karst.nvmf.core.model.ConnectFields;
import dev.karst.nvmf.core.model.Controller;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.nvmf.core.model.SubsystemGroup;
import dev.karst.nvmf.core.model.TargetQueue;
import dev.karst.spec.nvme.NvmeStatus;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A queue between two versions of the core: whose it is, then how far it is and, for an admin queue, its controller.
 *
 * @param subsystem NQN of its subsystem
 * @param cntlid its controller
 * @param qid its number
 * @param hostNqn its host
 * @param hostId the host's identifier
 */
public record QueueState(String subsystem, int cntlid, int qid, String hostNqn, UUID hostId) {
    /** The form of all that is written here; another one for each change of it. */
    private static final int VERSION = 1;
    private static final int MAX_ENTRIES = 0x10000;

    /** What the successor of a queue needs; empty before its Connect, null when it cannot have a successor. On its reactor. */
    public static byte[] handOver(TargetQueue queue) {
        if (!queue.isConnected()) {
            return new byte[0];
        }
        Controller controller = queue.controller();
        boolean isAdmin = queue.qid() == 0;
        if (isAdmin && !controller.canLeave()) {
            return null;
        }
        var state = new StateWriter(VERSION).text(controller.subsystem.nqn).number(controller.cntlid).number(queue.qid())
            .text(controller.hostNqn).uuid(controller.hostId);
        queue.save(state);
        if (isAdmin) {
            state.number(controller.features.initialKatoMs());
            controller.save(state);
            Sight.of(controller).save(state);
        }
        return state.end();
    }

    /** Whose queue it is. */
    public static QueueState peek(byte[] state) throws StorageException {
        return read(new StateReader(state, VERSION));
    }

    private static QueueState read(StateReader state) throws StorageException {
        return new QueueState(state.text(), state.number(Subsystem.MIN_CNTLID, Subsystem.MAX_CNTLID),
            state.number(0, MAX_ENTRIES), state.text(), state.uuid());
    }

    /** Makes a queue the successor of the one that was handed over. On its reactor. */
    public static void takeOver(TargetQueue queue, byte[] state, Consumer<String> done) {
        if (state.length == 0) {
            done.accept(null);
            return;
        }
        try {
            var reader = new StateReader(state, VERSION);
            QueueState found = read(reader);
            int entries = reader.number(2, MAX_ENTRIES);
            int sqhd = reader.number(0, entries - 1);
            var progress = new Progress(entries, sqhd, reader.flag());
            Subsystem subsystem = found.find(queue);
            if (found.qid == 0) {
                found.admin(queue, subsystem, progress, reader);
                done.accept(null);
            } else {
                reader.end();
                found.io(queue, subsystem, progress, done);
            }
        } catch (StorageException e) {
            done.accept(e.getMessage());
        }
    }

    /** How far a queue is. */
    private record Progress(int entries, int sqhd, boolean flowControl) {
        void give(TargetQueue queue, Controller controller, int qid, SubsystemGroup namespaces) {
            queue.connected(controller, qid, entries, flowControl, namespaces);
            queue.sqhd(sqhd);
        }
    }

    private Subsystem find(TargetQueue queue) throws StorageException {
        Subsystem found = queue.group.target.subsystem(subsystem);
        if (found == null) {
            throw StateReader.refusal("there is no subsystem " + subsystem);
        } else if (!found.admits(hostNqn) || !found.isReachedAt(queue.connection.listener())) {
            throw StateReader.refusal("host " + hostNqn + " may not use " + subsystem);
        }
        return found;
    }

    private void admin(TargetQueue queue, Subsystem found, Progress progress, StateReader reader) throws StorageException {
        var fields = new ConnectFields(
            0, 0, progress.entries - 1, progress.flowControl, reader.number(0, Integer.MAX_VALUE), hostId, cntlid,
            subsystem, hostNqn);
        Controller controller = found.takeOver(cntlid, fields, queue);
        if (controller == null) {
            throw StateReader.refusal("there is a controller " + cntlid + " of " + subsystem);
        }
        try {
            controller.restore(reader);
            Sight before = Sight.read(reader, Math.max(1, found.maxNamespaces));
            reader.end();
            progress.give(queue, controller, 0, null);
            before.tellOfChanges(controller);
        } catch (StorageException e) {
            controller.discard();
            found.gone(controller);
            throw e;
        }
    }

    private void io(TargetQueue queue, Subsystem found, Progress progress, Consumer<String> done) {
        Controller controller = found.controller(cntlid);
        if (controller == null || !controller.hostNqn.equals(hostNqn) || !controller.hostId.equals(hostId)) {
            done.accept("its controller " + cntlid + " of " + subsystem + " is not there any more");
            return;
        }
        controller.admit(queue, qid, outcome -> {
            if (outcome != NvmeStatus.SUCCESSFUL_COMPLETION) {
                done.accept("its controller does not take it: " + NvmeStatus.text((int) outcome));
            } else if (queue.isClosing()) {
                controller.reactor().execute(() -> controller.withdraw(qid));
                done.accept("it was closed meanwhile");
            } else {
                progress.give(queue, controller, qid, queue.group.enter(found));
                done.accept(null);
            }
        });
    }
}
