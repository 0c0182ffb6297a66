package dev.karst.nvmf.core.model;

import dev.karst.base.ReactorConfined;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Sqe;

/**
 * Which fused commands of a queue belong together: two that are next to each other in its submission queue. The order is
 * that in which they come; their data may come in another, so whichever is executed first waits for the other. NVMe Base
 * 2.1, 3.4.2.
 */
@ReactorConfined
public final class FusedOrder {
    private static final int MISSING = NvmeStatus.ABORTED_MISSING_FUSED | NvmeStatus.DNR;
    private static final int FAILED = NvmeStatus.ABORTED_FAILED_FUSED;

    /** The command that came last, if it is the first of two. */
    private Command first;
    /** Whether the command that came last was the first of two and has ended. */
    private boolean firstEnded;

    FusedOrder() {}

    /** A command came: a fused one, or the one after it. */
    void arrived(Command command) {
        int fuse = Sqe.FUSE.get(command.sqe());
        Command before = first;
        boolean afterEnded = firstEnded;
        first = null;
        firstEnded = false;
        command.partner = null;
        command.awaitsPartner = false;
        command.verdict = NvmeStatus.SUCCESSFUL_COMPLETION;
        if (fuse == Sqe.FUSE_SECOND && before != null) {
            command.partner = before;
            before.partner = command;
        } else {
            if (fuse == Sqe.FUSE_SECOND) {
                command.verdict = afterEnded ? FAILED : MISSING;
            }
            if (before != null) {
                alone(before, MISSING);
            }
        }
        if (fuse == Sqe.FUSE_FIRST) {
            first = command;
        }
    }

    /** What a command ends with, since it is known that there is no other one; 0 when there is or may come one. */
    public int verdict(Command command) {
        boolean isUnknown = command.partner == null && first != command
            && command.verdict == NvmeStatus.SUCCESSFUL_COMPLETION;
        return isUnknown ? MISSING : command.verdict;
    }

    /**
     * A fused command is executed that has no verdict.
     *
     * @return the other one when it has been executed too; else null, and this one waits for it
     */
    public Command meet(Command command) {
        Command other = command.partner;
        if (other == null || !other.awaitsPartner) {
            command.awaitsPartner = true;
            return null;
        }
        other.awaitsPartner = false;
        return other;
    }

    /** One of two fails before they have met; the other one fails because of it. */
    public void fail(Command command, int status) {
        Command other = leave(command);
        command.finish(status);
        if (other != null) {
            alone(other, FAILED);
        }
    }

    /** Two that have met end: the first of them first. */
    public void finish(Command command, int status, int statusOfOther) {
        Command other = leave(command);
        boolean isSecond = Sqe.FUSE.get(command.sqe()) == Sqe.FUSE_SECOND;
        (isSecond ? other : command).finish(isSecond ? statusOfOther : status);
        (isSecond ? command : other).finish(isSecond ? status : statusOfOther);
    }

    /** A command that came will not be executed. */
    void refused(Command command) {
        Command other = leave(command);
        if (other != null) {
            alone(other, FAILED);
        }
    }

    /** The pair is one no more. Returns the other one, if there was one. */
    private Command leave(Command command) {
        Command other = command.partner;
        command.partner = null;
        command.awaitsPartner = false;
        if (other != null) {
            other.partner = null;
        }
        if (first == command) {
            first = null;
            firstEnded = true;
        }
        return other;
    }

    /** It ends now if it waits for the other one; else when it is executed. */
    private static void alone(Command command, int status) {
        if (command.awaitsPartner) {
            command.awaitsPartner = false;
            command.finish(status);
        } else {
            command.verdict = status;
        }
    }
}
