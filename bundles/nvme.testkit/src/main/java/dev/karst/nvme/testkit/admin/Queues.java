package dev.karst.nvme.testkit.admin;

/** What admin commands ask of a controller's queues. Those that return a figure return a status. */
public interface Queues {
    int createCompletionQueue(int id, int entries, long iova, int vector);

    int createSubmissionQueue(int id, int entries, long iova, int completionQueue);

    int deleteSubmissionQueue(int id);

    int deleteCompletionQueue(int id);

    /** Gives a command up, if that can still be done. */
    boolean abort(int queue, int cid);

    /** Looks for doorbells in memory from now on. */
    int shadowDoorbells(long shadows, long events);
}
