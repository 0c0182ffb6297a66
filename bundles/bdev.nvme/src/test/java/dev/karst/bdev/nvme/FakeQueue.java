package dev.karst.bdev.nvme;

import dev.karst.base.IoVector;
import dev.karst.base.Status;
import dev.karst.nvme.AnaState;
import dev.karst.nvme.Injections;
import dev.karst.nvme.NvmeRequest;
import dev.karst.nvme.transport.TransportQueue;
import dev.karst.reactor.Poller;
import dev.karst.reactor.Reactor;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Sqe;

/** A queue pair that does a few of its commands in each round, in order or not. */
final class FakeQueue extends TransportQueue {
    static final int DEPTH = 64;

    /** Who would be told what the transport sees, which does not break by itself. */
    private static final class FakeOwner extends Owner {
        private final FakeController controller;

        FakeOwner(FakeController controller) {
            this.controller = controller;
        }

        @Override
        public void lost(TransportQueue queue, String why) {
            throw new AssertionError(why);
        }

        @Override
        public void abort(TransportQueue queue, int cid) {
            ((FakeQueue) queue).abortCommand(cid);
        }

        @Override
        public Injections injections(int qid) {
            return controller.injections(false);
        }
    }

    final FakeController controller;
    private final int[] cids = new int[DEPTH];
    private int count;
    private int abortedCid = -1;
    private final Poller poller = new Poller() {
        @Override
        public int poll() {
            return FakeQueue.this.poll(DEPTH);
        }

        @Override
        public boolean announcesWork() {
            return count == 0;
        }
    };

    FakeQueue(FakeController controller, int id, Reactor reactor) {
        super(id, DEPTH, reactor, new FakeOwner(controller));
        this.controller = controller;
    }

    @Override
    public void connect(int inCapsuleBytes) {
        reactor().execute(() -> {
            connected(true);
            reactor().add(poller);
        });
    }

    /** What was under way was done, or was not. */
    @Override
    public void disconnect() {
        connected(false);
        while (count > 0) {
            cutOff(cids[--count]);
        }
        reactor().remove(poller);
    }

    private void cutOff(int cid) {
        NvmeRequest request = request(cid);
        boolean write = request.opcode == Opcode.NVM_WRITE && request.fuse == 0;
        if (write && controller.bug() == FakeDriver.Bug.WRITES_AFTER_THE_END) {
            controller.later(reactor(), controller.find(request.nsid).laterWrite(request));
        } else if (write && controller.bug() == FakeDriver.Bug.CUT_MEANS_DONE) {
            completed(cid, 0, 0);
        } else if (request.fuse == 0 && controller.chance(2)) {
            perform(request);
        }
    }

    @Override
    public void release() {
        assert count == 0;
    }

    @Override
    protected int start(NvmeRequest request, int cid) {
        if (fits(request.data) < request.data.bytes()) {
            return Status.INVALID;
        }
        cids[count++] = cid;
        return Status.OK;
    }

    @Override
    protected boolean hasRoom(int requests) {
        return count + requests <= DEPTH;
    }

    @Override
    public long fits(IoVector data) {
        return Math.min(data.bytes(), controller.mostBytes());
    }

    private void abortCommand(int cid) {
        abortedCid = controller.chance(2) ? cid : abortedCid;
    }

    @Override
    public int poll(int most) {
        int ended = 0;
        while (count > 0 && ended < most && (ended == 0 || !controller.chance(3))) {
            int at = controller.chance(2) && !anyFused() ? count - 1 : 0;
            int cid = cids[at];
            NvmeRequest request = request(cid);
            count--;
            System.arraycopy(cids, at + 1, cids, at, count - at);
            ended++;
            if (request.fuse == Sqe.FUSE_FIRST) {
                endPair(cid);
            } else {
                completed(cid, cid == abortedCid ? NvmeStatus.COMMAND_ABORT_REQUESTED : status(request), 0);
            }
        }
        return ended;
    }

    private boolean anyFused() {
        for (int i = 0; i < count; i++) {
            if (request(cids[i]).fuse != 0) {
                return true;
            }
        }
        return false;
    }

    private void endPair(int firstCid) {
        int secondCid = cids[0];
        count--;
        System.arraycopy(cids, 1, cids, 0, count);
        NvmeRequest second = request(secondCid);
        assert second.fuse == Sqe.FUSE_SECOND;
        int first = status(request(firstCid));
        int then = first == 0 ? status(second) : NvmeStatus.ABORTED_FAILED_FUSED;
        completed(firstCid, first, 0);
        completed(secondCid, then, 0);
    }

    private int status(NvmeRequest request) {
        AnaState ana = controller.ana(request.nsid);
        if (ana != AnaState.OPTIMIZED && ana != AnaState.NON_OPTIMIZED) {
            if (request.opcode == Opcode.NVM_WRITE && controller.bug() == FakeDriver.Bug.WRITES_WITHOUT_ACCESS_LATER) {
                controller.later(reactor(), controller.find(request.nsid).laterWrite(request));
            }
            return NvmeStatus.ASYMMETRIC_ACCESS_INACCESSIBLE;
        }
        return perform(request);
    }

    private int perform(NvmeRequest request) {
        controller.commands++;
        FakeNamespace namespace = controller.find(request.nsid);
        if (controller.isTooLarge(request)) {
            return NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
        }
        return namespace == null ? NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR : namespace.execute(request);
    }
}
