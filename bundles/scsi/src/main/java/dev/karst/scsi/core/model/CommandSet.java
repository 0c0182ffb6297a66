package dev.karst.scsi.core.model;

import dev.karst.base.ReactorConfined;

/** What executes commands. */
@ReactorConfined
public abstract class CommandSet {
    /** Executes a command whose turn it is; it ends once, inside this call or later. */
    public abstract void execute(Command command);

    /** Executes a command for a logical unit that is not there; it ends inside this call. */
    public abstract void executeWithoutUnit(Command command);

    /** The only block I/O of the command ended, or the last. */
    public abstract void ended(Command command, int status);

    /** What a command of several block I/Os does next. */
    @FunctionalInterface
    public interface Step {
        /** The block I/O ended; goes on with the next, or ends the command. */
        void ended(Command command, int status);
    }
}
