package dev.karst.scsi.core.model;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;

/**
 * Memory of one reactor, for all devices: a page for what is put together at once, and buffers for commands that need memory of
 * their own.
 */
@ReactorConfined
public final class Workspace {
    /** Bytes of {@link #page}. */
    public static final int PAGE_BYTES = 8192;
    /** Bytes of a buffer. */
    public static final int BUFFER_BYTES = 128 * 1024;
    /** Bytes of all of it. */
    public static final int BYTES = PAGE_BYTES + Workspace.BUFFERS * BUFFER_BYTES;

    private static final int BUFFERS = 4;

    /** Free between two calls from outside. */
    public final long page;

    private final long[] free = new long[BUFFERS];
    private int count;
    private Command firstWaiting;
    private Command lastWaiting;
    private boolean serving;

    /** Takes {@link #BYTES} of memory. */
    public Workspace(long address) {
        page = address;
        while (count < BUFFERS) {
            free[count] = address + PAGE_BYTES + (long) count * BUFFER_BYTES;
            count++;
        }
    }

    /**
     * Gives a command a buffer, now or when one is free, and then has it do this. The buffer is given back when the command ends.
     */
    public void lend(Command command, CommandSet.Step then) {
        assert command.buffer == 0 : "a command has a buffer already";
        command.step = then;
        command.nextWaiting = null;
        if (firstWaiting == null) {
            firstWaiting = command;
        } else {
            lastWaiting.nextWaiting = command;
        }
        lastWaiting = command;
        serve();
    }

    /** A command that has a buffer ends. */
    void giveBack(Command command) {
        free[count++] = command.buffer;
        command.buffer = 0;
        serve();
    }

    private void serve() {
        if (serving) {
            return;
        }
        serving = true;
        while (count > 0 && firstWaiting != null) {
            Command command = firstWaiting;
            firstWaiting = command.nextWaiting;
            command.buffer = free[--count];
            command.step.ended(command, Status.OK);
        }
        serving = false;
    }
}
