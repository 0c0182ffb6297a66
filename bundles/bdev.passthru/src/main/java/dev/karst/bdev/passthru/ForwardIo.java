package dev.karst.bdev.passthru;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevIo;
import dev.karst.bdev.IoType;

/** An I/O on the base that stands for one from above. It names the same memory; no data is copied. */
@ReactorConfined
final class ForwardIo extends BdevIo {
    private final PassthruChannel owner;
    private final AbortIo abort = new AbortIo();
    private BdevIo parent;
    /** Whether {@link #abort} was accepted and its end has not been heard. */
    private boolean aborting;

    /** For the channel: its place among those that wait. */
    ForwardIo next;

    ForwardIo(PassthruChannel owner) {
        super(MAX_SEGMENTS);
        this.owner = owner;
    }

    /** Takes over what {@code io} wants. */
    void forward(BdevIo io) {
        parent = io;
        io.moduleState = this;
        type = io.type;
        offsetBlocks = io.offsetBlocks;
        blocks = io.blocks;
        data.slice(io.data, 0, io.data.bytes());
        compare = io.compare;
        sourceBlock = io.sourceBlock;
        metadata = io.metadata;
        uncheckedProtection = io.uncheckedProtection;
        applicationTag = io.applicationTag;
        applicationTagMask = io.applicationTagMask;
        sqe = io.sqe;
    }

    /** Lets go of the one from above, which is returned. */
    BdevIo detach() {
        BdevIo io = parent;
        parent = null;
        compare = null;
        io.moduleState = null;
        return io;
    }

    /** Goes back to the pool first: whoever hears of the end may submit again at once. */
    @Override
    protected void ended(int status) {
        BdevIo io = detach();
        io.result = result;
        if (!aborting) {
            owner.free(this);
        }
        io.complete(status);
    }

    /** Asks the base to end this soon. */
    void abort(BdevChannel base) {
        if (!aborting) {
            abort.type = IoType.ABORT;
            abort.victim = this;
            aborting = base.submit(abort) == Status.OK;
        }
    }

    /** While it is under way its victim is not reused, so that it never hits another one. */
    private final class AbortIo extends BdevIo {
        AbortIo() {
            super(0);
        }

        @Override
        protected void ended(int status) {
            aborting = false;
            if (parent == null) {
                owner.free(ForwardIo.this);
            }
        }
    }
}
