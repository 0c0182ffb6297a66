package dev.karst.scsi.core.model;

import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.bdev.BdevIo;
import dev.karst.scsi.ScsiTask;
import dev.karst.spec.scsi.Asc;
import dev.karst.spec.scsi.ScsiStatus;
import dev.karst.spec.scsi.SenseKey;

/** The device's half of a task, made once and reused: the command, and the block I/O that it becomes. */
@ReactorConfined
public final class Command extends BdevIo {
    /** Where it is: with the transport. */
    static final int IDLE = 0;
    /** Where it is: it waits for its turn. */
    static final int HELD = 1;
    /** Where it is: it is executed. */
    static final int RUNNING = 2;

    /** How it ends: as it does. */
    static final int NORMALLY = 0;
    /** How it ends: aborted, and the initiator knows. */
    static final int SILENTLY = 1;
    /** How it ends: with TASK ABORTED. */
    static final int TOLD = 2;

    public final ScsiTask task;
    public final Nexus nexus;
    /** The logical unit as its nexus sees it; null where there is none. */
    public UnitNexus unit;
    /** What of the table it is; null until that is known. */
    public Operation operation;
    /** What follows the block I/O that is in flight; null when its end is that of the command. */
    public CommandSet.Step step;
    /** Bytes that the command wants to move by its CDB. */
    public long wanted;
    /** For commands of several block I/Os: what is next. */
    public long next;
    /** For commands of several block I/Os: what there is in all. */
    public long end;
    /** Memory beside {@link #data}. */
    public final IoVector other;

    /** What a command of many steps knows of itself; null for nothing. */
    public Object job;
    /** A buffer of the {@link Workspace}; 0 for none. */
    public long buffer;

    /** Ends it at once, when it waits for what goes on without it; null for a command that does not. */
    public Runnable letGo;

    /** Whether it waits for the unit's reservations, which may wait for others meanwhile. */
    public boolean isReserving;

    /** Where its block I/O is, when that is not its own logical unit. */
    UnitChannel elsewhere;
    int phase;
    int ending;
    Fence.Link fences;
    Command before;
    Command after;
    /** The next that waits for a buffer. */
    Command nextWaiting;

    Command(ScsiTask task, Nexus nexus) {
        super(task.data.capacity());
        other = new IoVector(task.data.capacity());
        this.task = task;
        this.nexus = nexus;
    }

    public long cdb() {
        return task.cdb;
    }

    /** The way to the block device. */
    public UnitChannel channel() {
        return unit.channel;
    }

    /**
     * Its next block I/O is on this unit, perhaps not its own, which does not go meanwhile; until {@link #stayHome} or another
     * visit.
     */
    public void visit(UnitChannel host) {
        if (elsewhere == host) {
            return;
        }
        host.enter();
        stayHome();
        elsewhere = host;
    }

    /** It does no more block I/O on another unit. */
    public void stayHome() {
        UnitChannel left = elsewhere;
        elsewhere = null;
        if (left != null) {
            left.leave();
        }
    }

    /** A page to put answers together in and to look at data in; free between two calls from outside. */
    public long page() {
        return nexus.group.workspace.page;
    }

    /** Whether it shall end soon: nothing more is begun for it. */
    public boolean isAborted() {
        return ending != NORMALLY;
    }

    @Override
    protected void ended(int status) {
        try {
            if (step == null) {
                nexus.group.commands.ended(this, status);
            } else {
                step.ended(this, status);
            }
        } catch (InternalError e) {
            lost();
        }
    }

    /** Ends it, at whatever step it was: the initiator's memory lies in a file that another process has made shorter. */
    void lost() {
        if (phase == RUNNING) {
            fail(SenseKey.ABORTED_COMMAND, Asc.NO_ADDITIONAL_SENSE_INFORMATION);
        }
    }

    /** Ends it well, without data to the initiator. */
    public void succeed() {
        finish(ScsiStatus.GOOD);
    }

    /** Ends it well; these bytes, which are in place, go to the initiator. */
    public void succeed(int answered) {
        task.answered = answered;
        finish(ScsiStatus.GOOD);
    }

    /** Ends it well with the first bytes of a page, as many as the initiator allows. */
    public void answer(long page, int bytes, long allocation) {
        wanted = Math.min(bytes, allocation);
        int answered = (int) Math.min(wanted, task.room);
        task.data.copyFrom(0, page, answered);
        succeed(answered);
    }

    /** The same for bytes that are not in raw memory. Not on the I/O path. */
    public void answer(byte[] bytes, int count, long allocation) {
        wanted = Math.min(count, allocation);
        int answered = (int) Math.min(wanted, task.room);
        for (int at = 0; at < answered; at += Workspace.PAGE_BYTES) {
            int part = Math.min(Workspace.PAGE_BYTES, answered - at);
            Mem.put(page(), bytes, at, part);
            task.data.copyFrom(at, page(), part);
        }
        succeed(answered);
    }

    /** Ends it with CHECK CONDITION. */
    public void fail(int key, int asc) {
        beginSense(key, asc);
        check();
    }

    /** Begins sense data in the format that the unit is set to; {@link #check} follows. */
    public void beginSense(int key, int asc) {
        Sense.begin(task.sense, unit != null && unit.channel.unit.mode().descriptorSense(), key, asc);
    }

    /** Adds INFORMATION to sense data that has been begun. */
    public void information(long information) {
        Sense.information(task.sense, information);
    }

    /** Ends it with CHECK CONDITION and the sense data that has been filled in. */
    public void check() {
        task.senseBytes = Sense.length(task.sense);
        finish(ScsiStatus.CHECK_CONDITION);
    }

    /** Ends it because of a field of the CDB; {@code bit} is its leftmost one, or -1. */
    public void invalidField(int byteNumber, int bit) {
        beginSense(SenseKey.ILLEGAL_REQUEST, Asc.INVALID_FIELD_IN_CDB);
        Sense.field(task.sense, true, byteNumber, bit);
        check();
    }

    /** Ends it because of a field of its parameters; {@code bit} is its leftmost one, or -1. */
    public void invalidParameter(int byteNumber, int bit) {
        beginSense(SenseKey.ILLEGAL_REQUEST, Asc.INVALID_FIELD_IN_PARAMETER_LIST);
        Sense.field(task.sense, false, byteNumber, bit);
        check();
    }

    /** Ends it. */
    public void finish(int status) {
        assert phase == RUNNING : "a command ended that does not run";
        task.status = status;
        if (buffer != 0) {
            nexus.group.workspace.giveBack(this);
        }
        nexus.ended(this);
    }

    /** Copies what the initiator sent, from {@code offset} on, to where it is contiguous: {@link #page}. */
    public long sent(int offset, int bytes) {
        task.data.copyTo(offset, page(), bytes);
        return page();
    }

    /** The first bytes of what the initiator sent, not more than a page. Not on the I/O path. */
    public byte[] sentBytes(int count) {
        var bytes = new byte[count];
        Mem.get(sent(0, count), bytes, 0, count);
        return bytes;
    }

    /** Zeros the first bytes of the page. */
    public long clearPage(int bytes) {
        Mem.fill(page(), bytes, (byte) 0);
        return page();
    }

    void begin() {
        assert phase == IDLE : "a task was executed that is being executed";
        step = null;
        takesView = false;
        compare = null;
        takesZeros = false;
        operation = null;
        wanted = 0;
        job = null;
        letGo = null;
        isReserving = false;
        ending = NORMALLY;
        task.status = ScsiStatus.GOOD;
        task.senseBytes = 0;
        task.answered = 0;
        task.zeros = false;
    }
}
