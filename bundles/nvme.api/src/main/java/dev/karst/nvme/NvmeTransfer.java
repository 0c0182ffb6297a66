package dev.karst.nvme;

import dev.karst.base.IoVector;
import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.reactor.Timer;
import dev.karst.spec.nvme.NvmeStatus;

/**
 * A command on a range of any length: done as so many commands as the controller's limits (MDTS), the namespace's boundary (NOIOB) and the
 * place of the memory want, a few of them at a time. Preallocated by its submitter and reused, like {@link NvmeRequest}.
 */
@ReactorConfined
public abstract class NvmeTransfer {
    private static final int MOST_BLOCKS = 65_536;
    private static final long RETRY_NANOS = 50_000;

    /** Where the data lies, {@code bufferBytes} for each block; empty for commands without data. */
    public final IoVector data;
    /** Address of the metadata where the namespace keeps it apart from the data; 0 for none. */
    public long metadata;
    /** CDW12 and CDW13 of every command, without NLB. */
    public long control;

    private final Part[] parts;
    private final Timer again = new Timer() {
        @Override
        public void expired() {
            go();
            endIfOver();
        }
    };
    private NvmeQueuePair queue;
    private NvmeNamespace namespace;
    private int opcode;
    private long slba;
    private long blocks;
    private long begun;
    private int inFlight;
    private int status;

    /** One of the commands. */
    private final class Part extends NvmeRequest {
        private boolean busy;

        Part(int segments) {
            super(segments);
        }

        @Override
        protected void ended(int end) {
            busy = false;
            inFlight--;
            if (status == 0) {
                status = end;
            }
            go();
            endIfOver();
        }
    }

    /**
     * One with room for so many memory pairs.
     *
     * @param parts how many commands may be in flight at a time
     */
    protected NvmeTransfer(int segments, int parts) {
        data = new IoVector(segments);
        this.parts = new Part[parts];
        for (int i = 0; i < parts; i++) {
            this.parts[i] = new Part(segments);
        }
    }

    /**
     * All of it ended. On the reactor of the queue, never inside {@link #submit}.
     *
     * @param status 0, or that of a command that failed: then the others were done, failed, or were not begun
     */
    protected abstract void ended(int status);

    /**
     * Begins. The queue's reactor.
     *
     * @param opcode of every command: one whose range is SLBA and NLB
     * @param slba first block
     * @param blocks how many, 1 or more
     * @return {@link Status#OK}: it will end once; else nothing was begun: as {@link NvmeQueuePair#submit}, and {@link Status#INVALID}
     *     when {@link #data} has not the size of the range
     */
    public final int submit(NvmeQueuePair queue, NvmeNamespace namespace, int opcode, long slba, long blocks) {
        if (blocks < 1 || data.count() > 0 && data.bytes() != blocks * namespace.format().bufferBytes()) {
            return Status.INVALID;
        }
        this.queue = queue;
        this.namespace = namespace;
        this.opcode = opcode;
        this.slba = slba;
        this.blocks = blocks;
        begun = 0;
        status = 0;
        int first = beginNext();
        if (first == Status.OK) {
            go();
        }
        return first;
    }

    /** Begins commands as long as there are some to begin and room for them. */
    private void go() {
        while (status == 0 && begun < blocks && inFlight < parts.length) {
            int begins = beginNext();
            if (begins == Status.NO_RESOURCE) {
                if (inFlight == 0) {
                    queue.reactor().schedule(again, RETRY_NANOS);
                }
                return;
            }
            if (begins != Status.OK) {
                status = begins == Status.NOT_CONNECTED ? NvmeStatus.COMMAND_ABORTED_BY_HOST : NvmeStatus.INVALID_FIELD_IN_COMMAND;
            }
        }
    }

    private void endIfOver() {
        if (inFlight == 0 && (status != 0 || begun == blocks)) {
            ended(status);
        }
    }

    private int beginNext() {
        Part part = idle();
        part.command(opcode, namespace.nsid());
        long piece = piece(slba + begun, blocks - begun);
        if (data.count() > 0) {
            int blockBytes = namespace.format().bufferBytes();
            part.data.slice(data, begun * blockBytes, piece * blockBytes);
            long fits = queue.fits(part.data) / blockBytes;
            if (fits < piece) {
                piece = fits;
                if (piece == 0) {
                    return Status.INVALID;
                }
                part.data.slice(data, begun * blockBytes, piece * blockBytes);
            }
        }
        if (metadata != 0) {
            part.metadata = metadata + begun * namespace.format().metadataBytes();
            part.metadataBytes = (int) (piece * namespace.format().metadataBytes());
        }
        part.cdw12and13 = control;
        part.range(slba + begun, (int) piece);
        int begins = queue.submit(part);
        if (begins == Status.OK) {
            part.busy = true;
            begun += piece;
            inFlight++;
        }
        return begins;
    }

    /** There is one, since fewer are in flight than there are. */
    private Part idle() {
        int i = 0;
        while (parts[i].busy) {
            i++;
        }
        return parts[i];
    }

    /** How many blocks from there one command may take. */
    private long piece(long from, long left) {
        NvmeNamespace.Limits limits = namespace.limits();
        long most = Math.min(left, data.count() > 0 ? limits.maxTransferBlocks() : MOST_BLOCKS);
        int boundary = limits.boundaryBlocks();
        return boundary == 0 ? most : Math.min(most, boundary - from % boundary);
    }
}
