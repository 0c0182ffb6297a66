package dev.karst.nvmf;

import dev.karst.base.ReactorConfined;
import java.util.function.Consumer;

/** The core's end of a connection: one queue pair of a controller. Reactor-confined. */
@ReactorConfined
public abstract class NvmfQueue {
    /**
     * Gives a request its half in the core; once for each request that the transport makes for this queue, before it is
     * first executed.
     */
    public abstract void prepare(NvmfRequest request);

    /**
     * A command has come, though perhaps not its data. Called in the order of the submission queue for each fused command
     * and for the one that comes next to it, before {@link #execute} or {@link #refuse}: which two belong together is a
     * matter of that order, and the data may come in another.
     */
    public abstract void arrived(NvmfRequest request);

    /**
     * The transport ends a command itself that it cannot hand over. {@link NvmfRequest#respond} follows inside this
     * call.
     *
     * @param status of the answer
     */
    public abstract void refuse(NvmfRequest request, int status);

    /**
     * Executes a command. The transport has set {@link NvmfRequest#sqe}, {@link NvmfRequest#length} and {@link
     * NvmfRequest#data}; the data of a command that sends some is there; and no other command in flight on this queue
     * has its identifier, which the transport checks. {@link NvmfRequest#respond} follows exactly once, inside this
     * call or later.
     */
    public abstract void execute(NvmfRequest request);

    /** Whether this is the queue of an admin or discovery controller, or not connected yet. */
    public abstract boolean isAdmin();

    /**
     * Whether a command that is being executed has had no effect yet, and may wait for as long as it likes: a successor
     * executes it again. Event requests are such.
     */
    public boolean isHeld(NvmfRequest request) {
        return false;
    }

    /**
     * Ends the queue so that a successor can go on with it; only while nothing but {@link #isHeld held} commands is
     * executed. These do not respond, and {@link NvmfConnection#released} does not follow: the connection is the
     * transport's alone from now on.
     *
     * @return what the successor needs for {@link #takeOver}; null when this queue cannot be handed over, and goes on
     */
    public byte[] handOver() {
        return null;
    }

    /**
     * Goes on where a queue ended that was handed over, as after its Connect: {@link NvmfConnection#connected} is called
     * before {@code done}. Nothing is executed until then.
     *
     * @param state what {@link #handOver} gave, perhaps by another version
     * @param done runs on the connection's reactor, inside this call or later, with null, or with why it cannot be; then the
     *     connection is to be closed
     */
    public void takeOver(byte[] state, Consumer<String> done) {
        done.accept("nobody could have handed it over");
    }

    /**
     * The connection is gone or going. What is in flight ends soon, each request still responds, and {@link
     * NvmfConnection#released} follows after the last, also when there was none.
     */
    public abstract void close();
}
