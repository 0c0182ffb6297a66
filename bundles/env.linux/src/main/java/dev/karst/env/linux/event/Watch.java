package dev.karst.env.linux.event;

import dev.karst.base.ReactorConfined;
import dev.karst.env.EventSet;
import dev.karst.env.Readiness;

/** One descriptor and who is told of its readiness; watched by one set at a time. */
@ReactorConfined
public final class Watch {
    /** Token of a descriptor that nobody watches. */
    static final long NONE = -1;

    final int fd;
    Readiness readiness;
    /** What the kernel gives back with an event: where this stands in the set, and which time. */
    long token = NONE;
    private EpollEventSet set;
    private boolean awaitsOutput;
    /** Whether the kernel has nothing to read and will tell when it has. */
    private boolean drained;
    /** Whether the kernel has told of an end or a failure, which it does not tell again. */
    private boolean ended;

    public Watch(int fd) {
        this.fd = fd;
    }

    /** Begins, and ends an earlier watch. */
    public void begin(EventSet events, Readiness readiness, int interest) {
        end();
        this.readiness = readiness;
        awaitsOutput = true;
        drained = false;
        ended = false;
        set = (EpollEventSet) events;
        set.add(this, interest);
    }

    /** Ends; nothing is told any more, also of what the kernel has reported already. */
    public void end() {
        if (set != null) {
            set.remove(this);
            set = null;
            readiness = null;
            drained = false;
        }
    }

    /** Changes what the kernel reports. */
    public void change(int interest) {
        if (set != null) {
            set.change(this, interest);
        }
    }

    /** A write could not go on: tell when it can. */
    public void awaitOutput() {
        awaitsOutput = true;
    }

    /**
     * A read of a stream came back with less than it asked for: what comes after that is an event of its own, except an
     * end that was told before. epoll(7), questions and answers.
     */
    public void drained() {
        drained = set != null && !ended;
    }

    /** Something may have come that was not told yet. */
    public void expect() {
        drained = false;
    }

    /** Whether a read would find nothing. */
    public boolean isDrained() {
        return drained;
    }

    /** Tells; the owner may end the watch within. */
    void tell(int events) {
        long told = token;
        if ((events & EpollEventSet.INPUT) != 0) {
            drained = false;
            ended |= (events & EpollEventSet.ENDED) != 0;
            readiness.readable();
        }
        if ((events & EpollEventSet.OUTPUT) != 0 && token == told && awaitsOutput) {
            awaitsOutput = false;
            readiness.writable();
        }
    }
}
