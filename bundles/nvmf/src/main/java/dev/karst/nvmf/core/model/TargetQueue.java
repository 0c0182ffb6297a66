package dev.karst.nvmf.core.model;

import dev.karst.base.ReactorConfined;
import dev.karst.base.StateWriter;
import dev.karst.nvmf.NvmfConnection;
import dev.karst.nvmf.NvmfQueue;
import dev.karst.nvmf.NvmfRequest;
import dev.karst.nvmf.core.reservation.Access;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Sqe;
import java.util.ArrayList;
import java.util.function.Consumer;

/**
 * A queue pair: a connection, and from a successful Connect on a queue of a {@link Controller}. It keeps which commands
 * are outstanding, so that each responds once, also when the connection goes.
 */
@ReactorConfined
public final class TargetQueue extends NvmfQueue {
    private static final int SQHD_UNUSED = 0xffff;

    public final NvmfConnection connection;
    public final ReactorGroup group;

    /** The fused commands of an I/O queue. */
    public final FusedOrder fused = new FusedOrder();

    private final ArrayList<Command> commands = new ArrayList<>();
    private int outstanding;
    private int entries;
    private int sqhd;
    private boolean flowControl = true;

    private int qid;
    private boolean connected;
    private Controller controller;
    private SubsystemGroup namespaces;
    /** Says how namespaces can be reached; null where the subsystem does not report it. */
    private Listener path;
    private final int maxIoBytes;
    private boolean closing;
    private boolean released;

    public TargetQueue(NvmfConnection connection, ReactorGroup group) {
        this.connection = connection;
        this.group = group;
        maxIoBytes = connection.options().maxIoBytes();
    }

    @Override
    public void prepare(NvmfRequest request) {
        var command = new Command(request, this);
        request.core = command;
        commands.add(command);
    }

    @Override
    public boolean isAdmin() {
        return namespaces == null;
    }

    @Override
    public void arrived(NvmfRequest request) {
        if (namespaces != null) {
            fused.arrived((Command) request.core);
        }
    }

    @Override
    public void refuse(NvmfRequest request, int status) {
        fused.refused((Command) request.core);
        respond(request, status, 0, 0);
    }

    @Override
    public void execute(NvmfRequest request) {
        Command command = (Command) request.core;
        if (closing) {
            respond(request, NvmeStatus.ABORTED_SQ_DELETION, 0, 0);
            return;
        }
        command.busy = true;
        outstanding++;
        if (namespaces != null) {
            if (namespaces.isPaused()) {
                namespaces.hold(command);
            } else {
                group.io.execute(command);
            }
        } else {
            group.admin.execute(command);
        }
    }

    /** Executes a command that was held. */
    void proceed(Command command) {
        if (namespaces != null) {
            group.io.execute(command);
        } else {
            group.admin.execute(command);
        }
    }

    /** Ends a command. */
    public void finish(Command command, int status, long result, int answerLength) {
        assert command.busy : "a command ended twice";
        command.busy = false;
        outstanding--;
        group.finishedIo += namespaces == null ? 0 : 1;
        if (status != NvmeStatus.SUCCESSFUL_COMPLETION && controller != null && ErrorLog.isError(status)) {
            controller.failed(qid, command.sqe(), status);
        }
        respond(command.request, status, result, answerLength);
        if (closing && outstanding == 0) {
            release();
        }
    }

    private void respond(NvmfRequest request, int status, long result, int answerLength) {
        if (++sqhd >= entries) {
            sqhd = 0;
        }
        request.sqhd = flowControl ? sqhd : SQHD_UNUSED;
        request.status = status;
        request.result = result;
        request.answerLength = answerLength;
        request.respond();
    }

    /** The way to a namespace; null when there is none that the host may use. */
    public NamespaceChannel namespace(long nsid) {
        NamespaceChannel channel = namespaces.channel(nsid);
        return channel != null && channel.namespace.isVisibleTo(controller.hostNqn) ? channel : null;
    }

    /** What a command for the namespace that comes over this queue is told; success when it is executed. */
    public int pathStatus(Namespace namespace) {
        return path == null ? NvmeStatus.SUCCESSFUL_COMPLETION : path.ana().of(namespace.anaGroup()).ioStatus;
    }

    /** Whether a reservation keeps its host from executing such a command now. */
    public boolean isShutOut(Access access, int opcode) {
        return access != null && access.denies(
            opcode, controller.hostId.getMostSignificantBits(), controller.hostId.getLeastSignificantBits());
    }

    public int maxIoBytes() {
        return maxIoBytes;
    }

    /** Room for a few bytes that are looked at at once. */
    public long scratch() {
        return group.page;
    }

    /** From now on it is a queue of a controller; {@code namespaces} for an I/O queue, else null. */
    public void connected(Controller controller, int qid, int entries, boolean flowControl, SubsystemGroup namespaces) {
        this.controller = controller;
        this.qid = qid;
        this.entries = entries;
        this.flowControl = flowControl;
        this.namespaces = namespaces;
        path = controller.subsystem.spec.anaReporting() ? controller.listener : null;
        connected = true;
        group.connected(this);
        connection.connected(qid, entries);
    }

    /** Whether a Connect succeeded. */
    public boolean isConnected() {
        return connected;
    }

    /** Whether it is going: nothing more is begun. */
    public boolean isClosing() {
        return closing;
    }

    /** Ends the connection, unless it has ended. */
    public void disconnect(String why) {
        if (!released) {
            connection.disconnect(why);
        }
    }

    /** Its controller; null until a Connect succeeded. */
    public Controller controller() {
        return controller;
    }

    /** Its number; 0 for an admin queue. */
    public int qid() {
        return qid;
    }

    /** The outstanding command with this identifier, or null. */
    public Command outstanding(int cid) {
        for (Command command : commands) {
            if (command.busy && Sqe.CID.get(command.sqe()) == cid) {
                return command;
            }
        }
        return null;
    }

    /** Looks at each outstanding command. */
    void eachBusy(Consumer<Command> action) {
        for (Command command : commands) {
            if (command.busy) {
                action.accept(command);
            }
        }
    }

    /** Tries to end one I/O soon; true when it has ended. */
    public boolean abort(Command command) {
        if (command.held) {
            letGo(command);
            fused.fail(command, closing ? NvmeStatus.ABORTED_SQ_DELETION : NvmeStatus.COMMAND_ABORT_REQUESTED);
            return true;
        } else if (command.awaitsPartner) {
            fused.fail(command, NvmeStatus.COMMAND_ABORT_REQUESTED);
            return true;
        }
        Command acting = command.namespace == null && command.partner != null ? command.partner : command;
        acting.aborting = true;
        return acting.namespace != null && acting.namespace.abort(acting);
    }

    private void letGo(Command command) {
        if (namespaces != null) {
            namespaces.drop(command);
        } else {
            controller.drop(command);
        }
    }

    @Override
    public boolean isHeld(NvmfRequest request) {
        Command command = (Command) request.core;
        return command.held || connected && qid == 0 && controller.events.isHeld(command);
    }

    @Override
    public byte[] handOver() {
        byte[] state = closing ? null : group.target.handOver(this);
        if (state != null) {
            closing = true;
            eachBusy(this::forget);
            if (connected && qid == 0) {
                controller.leave();
            }
            leave();
        }
        return state;
    }

    private void forget(Command command) {
        if (command.held) {
            letGo(command);
        }
        command.busy = false;
        outstanding--;
    }

    @Override
    public void takeOver(byte[] state, Consumer<String> done) {
        group.target.takeOver(this, state, done);
    }

    /** Writes what the queue is beside its place in its controller. */
    public void save(StateWriter state) {
        state.number(entries).number(sqhd).flag(flowControl);
    }

    /** For the successor of a queue, once it is connected. */
    public void sqhd(int sqhd) {
        this.sqhd = sqhd;
    }

    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        if (connected && qid == 0) {
            controller.end("its admin queue was closed");
        }
        for (Command command : commands) {
            if (command.busy) {
                abort(command);
            }
        }
        if (outstanding == 0) {
            release();
        }
    }

    private void release() {
        if (released) {
            return;
        }
        leave();
        connection.released();
    }

    /** Everybody but the connection forgets it. */
    private void leave() {
        released = true;
        group.closed(this);
        if (connected && namespaces != null) {
            namespaces.leave(this);
        }
        if (connected) {
            controller.queueReleased(this);
        }
    }
}
