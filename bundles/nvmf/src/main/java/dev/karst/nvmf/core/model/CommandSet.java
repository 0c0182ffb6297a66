package dev.karst.nvmf.core.model;

import dev.karst.base.ReactorConfined;

/** The commands of one kind of queue: what executes them. */
@ReactorConfined
public abstract class CommandSet {
    /** Executes a command; {@link Command#finish} follows once, inside this call or later. */
    public abstract void execute(Command command);

    /** A block I/O of the command ended. */
    public abstract void ended(Command command, int status);
}
