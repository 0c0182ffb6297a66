package dev.karst.nvme.testkit.admin;

import dev.karst.nvme.testkit.command.SimCommand;
import dev.karst.nvme.testkit.controller.ControllerState;
import dev.karst.spec.nvme.AbortCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;

/** Does admin commands. */
public final class AdminCommands {
    private static final int INVALID_FIELD = NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
    private static final int PAGE_MASK = 4095;
    private static final int QUEUE_MASK = 0xffff;
    private static final int QUEUE_SHIFT = 16;
    private static final int CONTIGUOUS = 1;
    private static final int INTERRUPTS = 2;

    private final ControllerState state;
    private final Queues queues;
    private final Identify identify;
    private final LogPages logPages;
    private final Features features;
    private final NamespaceCommands namespaces;
    private final Maintenance maintenance;

    public AdminCommands(ControllerState state, Queues queues) {
        this.state = state;
        this.queues = queues;
        this.maintenance = new Maintenance(state);
        this.identify = new Identify(state);
        this.logPages = new LogPages(state, maintenance);
        this.features = new Features(state);
        this.namespaces = new NamespaceCommands(state);
    }

    /** Does a command; its status, or {@link ControllerState#PENDING}. */
    public int execute(SimCommand command) {
        if (maintenance.isForbidden(command.opcode())) {
            return NvmeStatus.SANITIZE_IN_PROGRESS;
        }
        return switch (command.opcode()) {
            case Opcode.ADMIN_IDENTIFY -> identify.execute(command);
            case Opcode.ADMIN_GET_LOG_PAGE -> logPages.execute(command);
            case Opcode.ADMIN_GET_FEATURES -> features.get(command);
            case Opcode.ADMIN_SET_FEATURES -> features.set(command);
            case Opcode.ADMIN_ASYNC_EVENT_REQUEST -> state.events.request(command);
            case Opcode.ADMIN_ABORT -> abort(command);
            case Opcode.ADMIN_KEEP_ALIVE -> 0;
            case Opcode.ADMIN_CREATE_IO_CQ, Opcode.ADMIN_CREATE_IO_SQ, Opcode.ADMIN_DELETE_IO_CQ, Opcode.ADMIN_DELETE_IO_SQ,
                Opcode.ADMIN_DOORBELL_BUFFER_CONFIG -> queue(command);
            case Opcode.ADMIN_NAMESPACE_MANAGEMENT, Opcode.ADMIN_NAMESPACE_ATTACHMENT, Opcode.ADMIN_FORMAT_NVM ->
                namespaces.execute(command);
            case Opcode.ADMIN_FIRMWARE_DOWNLOAD, Opcode.ADMIN_FIRMWARE_COMMIT, Opcode.ADMIN_SANITIZE,
                Opcode.ADMIN_DEVICE_SELF_TEST,
                Opcode.ADMIN_SECURITY_SEND, Opcode.ADMIN_SECURITY_RECEIVE, Opcode.ADMIN_DIRECTIVE_SEND, Opcode.ADMIN_DIRECTIVE_RECEIVE ->
                maintenance.execute(command);
            default -> NvmeStatus.INVALID_COMMAND_OPCODE | NvmeStatus.DNR;
        };
    }

    /** The controller was reset. */
    public void reset() {
        features.reset();
        maintenance.reset();
    }

    private int abort(SimCommand command) {
        int queue = AbortCommand.SQID.get(command.sqe);
        int cid = AbortCommand.CID.get(command.sqe);
        command.result = !state.faults.abortsFail && queues.abort(queue, cid) ? 0 : 1;
        return 0;
    }

    private int queue(SimCommand command) {
        int id = command.cdw10() & QUEUE_MASK;
        int entries = (command.cdw10() >>> QUEUE_SHIFT) + 1;
        long prp = command.prp1();
        int second = command.cdw11();
        return switch (command.opcode()) {
            case Opcode.ADMIN_DELETE_IO_SQ -> queues.deleteSubmissionQueue(id);
            case Opcode.ADMIN_DELETE_IO_CQ -> queues.deleteCompletionQueue(id);
            case Opcode.ADMIN_DOORBELL_BUFFER_CONFIG -> shadow(command);
            default -> {
                boolean valid = (second & CONTIGUOUS) != 0 && (prp & PAGE_MASK) == 0 && Sqe.PSDT.get(command.sqe) == 0;
                if (!valid) {
                    yield INVALID_FIELD;
                }
                yield command.opcode() == Opcode.ADMIN_CREATE_IO_SQ
                    ? queues.createSubmissionQueue(id, entries, prp, second >>> QUEUE_SHIFT)
                    : queues.createCompletionQueue(id, entries, prp, (second & INTERRUPTS) != 0 ? second >>> QUEUE_SHIFT : -1);
            }
        };
    }

    private int shadow(SimCommand command) {
        if (!state.traits.shadowDoorbells) {
            return NvmeStatus.INVALID_COMMAND_OPCODE | NvmeStatus.DNR;
        }
        long shadows = command.prp1();
        long events = command.prp2();
        return ((shadows | events) & PAGE_MASK) != 0 ? INVALID_FIELD : queues.shadowDoorbells(shadows, events);
    }
}
