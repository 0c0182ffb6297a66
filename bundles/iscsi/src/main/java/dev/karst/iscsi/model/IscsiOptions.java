package dev.karst.iscsi.model;

/**
 * What holds for the target as a whole, in SPDK's words.
 *
 * @param nodeBase what names of target nodes begin with that are given without
 * @param maxSessions sessions at once
 * @param maxConnectionsPerSession connections of a session at once
 * @param maxQueueDepth most commands of a session at once, whatever a node says
 * @param defaultTime2Wait seconds that an initiator waits before it comes back, at least
 * @param defaultTime2Retain seconds that tasks are kept for it at most
 * @param firstBurstLength most bytes of data that need not be asked for
 * @param immediateData whether data may come with its command
 * @param nopTimeoutS seconds without an answer after which a connection ends
 * @param nopInIntervalS seconds of silence after which an initiator is asked for a sign of life; 0 for never
 * @param discoveryAuth who may discover
 * @param maxR2tPerConnection R2Ts of one command at once
 * @param pools for clients of SPDK: figures that are kept and have no effect
 */
public record IscsiOptions(
    String nodeBase, int maxSessions, int maxConnectionsPerSession, int maxQueueDepth, int defaultTime2Wait,
    int defaultTime2Retain, int firstBurstLength, boolean immediateData, int nopTimeoutS, int nopInIntervalS,
    AuthPolicy discoveryAuth, int maxR2tPerConnection, Pools pools) {
    /** SPDK's figures. */
    public static final IscsiOptions USUAL = new IscsiOptions(
        "iqn.2016-06.io.spdk", 128, 2, 64, 2, 20, 8192, true, 60, 30, AuthPolicy.FREE, 4, Pools.USUAL);

    /** Memory that SPDK sets aside beforehand; here it is taken as it is needed. */
    public record Pools(int largeDataIn, int pdus, int immediateData, int dataOut) {
        public static final Pools USUAL = new Pools(64, 36864, 16384, 2048);
    }

    /** The same with another policy for discovery. */
    public IscsiOptions with(AuthPolicy policy) {
        return new IscsiOptions(nodeBase, maxSessions, maxConnectionsPerSession, maxQueueDepth, defaultTime2Wait,
            defaultTime2Retain, firstBurstLength, immediateData, nopTimeoutS, nopInIntervalS, policy, maxR2tPerConnection, pools);
    }
}
