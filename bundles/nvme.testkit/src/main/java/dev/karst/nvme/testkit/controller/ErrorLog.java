package dev.karst.nvme.testkit.controller;

import dev.karst.nvme.testkit.command.Page;
import dev.karst.nvme.testkit.command.SimCommand;
import dev.karst.spec.nvme.log.ErrorLogEntry;
import java.util.ArrayDeque;
import java.util.Deque;

/** The commands that failed last. */
public final class ErrorLog {
    private static final int MOST = 64;

    private record Entry(long count, int queue, int cid, int status, int nsid, int opcode) {}

    private final Deque<Entry> entries = new ArrayDeque<>();
    private long count;

    ErrorLog() {}

    /** How many there were. */
    public long count() {
        return count;
    }

    /** A command failed. */
    public void add(SimCommand command) {
        entries.addFirst(new Entry(++count, command.queueId, command.cid(), command.status, command.nsid(), command.opcode()));
        if (entries.size() > MOST) {
            entries.removeLast();
        }
    }

    /** The log page, latest entry first. */
    public byte[] log(int most) {
        return Page.of(most * ErrorLogEntry.BYTES, log -> {
            long at = log;
            for (Entry entry : entries.stream().limit(most).toList()) {
                ErrorLogEntry.ECNT.set(at, entry.count);
                ErrorLogEntry.SQID.set(at, entry.queue);
                ErrorLogEntry.CID.set(at, entry.cid);
                ErrorLogEntry.STS.set(at, entry.status << 1);
                ErrorLogEntry.NSID.set(at, Integer.toUnsignedLong(entry.nsid));
                ErrorLogEntry.OPC.set(at, entry.opcode);
                at += ErrorLogEntry.BYTES;
            }
        });
    }
}
