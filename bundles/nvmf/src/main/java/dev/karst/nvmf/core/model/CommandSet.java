package dev.karst.nvmf.core.model;

import dev.karst.base.ReactorConfined;

/** The commands of one kind of queue: what executes them. */
@ReactorConfined
public abstract class CommandSet {
    /** Executes a command; {@link Command#finish} follows once, inside this call or later. */
    public abstract void execute(Command command);

    /** The only block I/O of the command ended, or the last. */
    public abstract void ended(Command command, int status);

    /** What a command of several block I/Os does next. */
    @FunctionalInterface
    public interface Step {
        /** The block I/O ended; goes on with the next, or ends the command. */
        void ended(Command command, int status);
    }
}
