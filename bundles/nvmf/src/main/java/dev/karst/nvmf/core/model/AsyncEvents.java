package dev.karst.nvmf.core.model;

import dev.karst.base.StateReader;
import dev.karst.base.StateWriter;
import dev.karst.base.StorageException;
import dev.karst.spec.nvme.GetLogPageCommand;
import dev.karst.spec.nvme.NvmeStatus;
import java.util.Arrays;
import java.util.TreeSet;

/**
 * The Asynchronous Event Requests of a controller, held until there is something to tell. A kind of event is told once
 * and then not again until the host has read its log page. Confined to the controller's reactor. NVMe Base 2.1, 5.1.2.
 */
public final class AsyncEvents {
    /** Requests that are held at most; AERL + 1. */
    public static final int LIMIT = 4;
    /** Feature bit, and bit of OAES: namespace attribute notices. */
    public static final int NAMESPACE_ATTRIBUTE = 1 << 8;
    /** Feature bit, and bit of OAES: asymmetric namespace access change notices. */
    public static final int ANA_CHANGE = 1 << 11;
    /** Feature bit, and bit of OAES: discovery log page change. */
    public static final int DISCOVERY_LOG = 1 << 31;

    private static final int TYPE_ERROR = 0;
    private static final int TRANSIENT_INTERNAL_ERROR = 0x05;
    private static final int TYPE_NOTICE = 2;
    private static final int TYPE_COMMAND_SET = 6;
    private static final int ALWAYS_ENABLED = 0;
    private static final int RESERVATION_LOG_AVAILABLE = 0x00;
    private static final int NOTICE_NAMESPACE_ATTRIBUTE = 0x00;
    private static final int NOTICE_ANA_CHANGE = 0x03;
    private static final int NOTICE_DISCOVERY_LOG = 0xf0;
    private static final int CHANGED_LIMIT = 1024;

    /** One kind of event: whether it has happened untold, and whether it was told and its log not read since. */
    private static final class Kind {
        final int type;
        final int bit;
        final int notice;
        final int logPage;
        boolean happened;
        boolean told;

        Kind(int bit, int notice, int logPage) {
            this(TYPE_NOTICE, bit, notice, logPage);
        }

        Kind(int type, int bit, int notice, int logPage) {
            this.type = type;
            this.bit = bit;
            this.notice = notice;
            this.logPage = logPage;
        }

        long result() {
            return type | notice << 8 | logPage << 16;
        }
    }

    private final Kind namespaces =
        new Kind(NAMESPACE_ATTRIBUTE, NOTICE_NAMESPACE_ATTRIBUTE, GetLogPageCommand.LID_CHANGED_NAMESPACES);
    private final Kind ana = new Kind(ANA_CHANGE, NOTICE_ANA_CHANGE, GetLogPageCommand.LID_ANA);
    private final Kind discovery = new Kind(DISCOVERY_LOG, NOTICE_DISCOVERY_LOG, GetLogPageCommand.LID_DISCOVERY);
    /** Which of them are wanted, the feature of reservation notices says. */
    private final Kind reservations = new Kind(
        TYPE_COMMAND_SET, ALWAYS_ENABLED, RESERVATION_LOG_AVAILABLE, GetLogPageCommand.LID_RESERVATION);
    private final Kind errors =
        new Kind(TYPE_ERROR, ALWAYS_ENABLED, TRANSIENT_INTERNAL_ERROR, GetLogPageCommand.LID_ERROR);
    private final Kind[] kinds = {errors, namespaces, ana, discovery, reservations};
    private final Command[] held = new Command[LIMIT];
    private int count;
    private int enabled;
    private final TreeSet<Integer> changed = new TreeSet<>();

    /** Takes a request. */
    public void hold(Command command) {
        if (count == LIMIT) {
            command.finish(NvmeStatus.ASYNC_EVENT_REQUEST_LIMIT_EXCEEDED | NvmeStatus.DNR);
            return;
        }
        held[count++] = command;
        tell();
    }

    /** Ends a request that is held; false when it is not. */
    public boolean abort(Command command) {
        for (int i = 0; i < count; i++) {
            if (held[i] == command) {
                held[i] = held[--count];
                held[count] = null;
                command.finish(NvmeStatus.COMMAND_ABORT_REQUESTED);
                return true;
            }
        }
        return false;
    }

    /** Ends all that are held: the queue or the controller ends. */
    public void abort() {
        while (count > 0) {
            Command command = held[--count];
            held[count] = null;
            command.finish(NvmeStatus.ABORTED_SQ_DELETION);
        }
    }

    /** Whether a request is held. */
    boolean isHeld(Command command) {
        for (int i = 0; i < count; i++) {
            if (held[i] == command) {
                return true;
            }
        }
        return false;
    }

    /** Those that are held are a successor's: they do not end here. */
    void forget() {
        Arrays.fill(held, null);
        count = 0;
    }

    /** Writes what is to be told, and what was and must not be told again. */
    void save(StateWriter state) {
        state.number(enabled);
        for (Kind kind : kinds) {
            state.flag(kind.happened).flag(kind.told);
        }
        state.number(changed.size());
        changed.forEach(state::number);
    }

    /** Goes on from what was saved, with namespaces up to {@code maxNamespaces}. */
    void restore(StateReader state, int maxNamespaces) throws StorageException {
        enabled = (int) state.number();
        for (Kind kind : kinds) {
            kind.happened = state.flag();
            kind.told = state.flag();
        }
        int changes = state.number(0, maxNamespaces);
        for (int i = 0; i < changes; i++) {
            changed.add(state.number(1, maxNamespaces));
        }
    }

    /** What the host wants to be told, as Set Features has it. */
    public void enable(int bits) {
        enabled = bits;
        tell();
    }

    public int enabled() {
        return enabled;
    }

    public void namespaceChanged(int nsid) {
        changed.add(nsid);
        namespaces.happened = true;
        tell();
    }

    public void discoveryChanged() {
        discovery.happened = true;
        tell();
    }

    /** The state of an ANA group, or which namespaces are in it. */
    public void anaChanged() {
        ana.happened = true;
        tell();
    }

    /** A command failed for a reason that lies here. */
    void internalError() {
        errors.happened = true;
        tell();
    }

    /** There is a notice of a reservation. */
    public void reservationChanged() {
        reservations.happened = true;
        tell();
    }

    /** The host read a log page, and did not ask to retain its event. */
    public void logRead(int logPage) {
        for (Kind kind : kinds) {
            if (kind.logPage == logPage) {
                kind.told = false;
            }
        }
        if (logPage == namespaces.logPage) {
            changed.clear();
        }
        tell();
    }

    /** Namespaces that changed since the log was read, ascending; all stand for more than fit. */
    public int[] changedNamespaces() {
        return changed.size() > CHANGED_LIMIT ? new int[] {-1} : changed.stream().mapToInt(Integer::intValue).toArray();
    }

    private void tell() {
        for (Kind kind : kinds) {
            tell(kind);
        }
    }

    private void tell(Kind kind) {
        boolean wanted = kind.bit == ALWAYS_ENABLED || (enabled & kind.bit) != 0;
        if (kind.happened && !kind.told && count > 0 && wanted) {
            kind.happened = false;
            kind.told = true;
            Command command = held[--count];
            held[count] = null;
            command.succeed(kind.result());
        }
    }
}
