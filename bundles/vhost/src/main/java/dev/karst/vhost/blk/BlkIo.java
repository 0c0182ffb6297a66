package dev.karst.vhost.blk;

import dev.karst.base.ReactorConfined;
import dev.karst.bdev.BdevIo;
import dev.karst.vhost.ring.Chain;

/** The I/O of one request. */
@ReactorConfined
final class BlkIo extends BdevIo {
    private final BlkQueue queue;
    private Chain chain;
    private long bytesRead;

    BlkIo(BlkQueue queue) {
        super(MAX_SEGMENTS);
        this.queue = queue;
        readersMemory = true;
    }

    /** It is for this request from now on; {@code bytesRead} are written to the guest if it ends well. */
    void begin(Chain newChain, long newBytesRead) {
        chain = newChain;
        bytesRead = newBytesRead;
    }

    @Override
    protected void ended(int status) {
        queue.ended(chain, status, bytesRead);
    }
}
