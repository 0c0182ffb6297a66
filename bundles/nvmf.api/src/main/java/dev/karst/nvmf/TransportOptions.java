package dev.karst.nvmf;

/**
 * What a transport allows, and how it shows blocks.
 *
 * @param maxQueueDepth entries of an I/O queue; MQES + 1
 * @param maxAdminQueueDepth entries of an admin queue
 * @param maxIoQueues I/O queues of one controller
 * @param inCapsuleBytes data that may come inside a command capsule of an I/O queue
 * @param maxIoBytes most bytes of one transfer; MDTS follows
 * @param c2hSuccess whether the last data of a read may say that it succeeded, instead of a response of its own
 * @param maxConnections connections at once; more are closed at once
 * @param difInsertOrStrip whether hosts see the data alone of blocks with protection information
 */
public record TransportOptions(
    int maxQueueDepth, int maxAdminQueueDepth, int maxIoQueues, int inCapsuleBytes, int maxIoBytes, boolean c2hSuccess,
    int maxConnections, boolean difInsertOrStrip) {}
