package dev.karst.nvme;

/**
 * What a controller says of itself. NVMe Base 2.1, 3.1.4 and 5.1.13.2.1.
 *
 * @param identify the Identify Controller data structure, 4096 bytes; {@link dev.karst.spec.nvme.IdentifyController} says what is where
 * @param cap CAP
 * @param version VS
 * @param serialNumber SN, without the spaces behind it
 * @param modelNumber MN
 * @param firmwareRevision FR
 * @param subsystem SUBNQN
 * @param controllerId CNTLID
 * @param namespaces NN: the greatest number of a namespace
 * @param limits what its commands are held to
 * @param ana what it knows of asymmetric namespace access
 */
public record ControllerData(
    byte[] identify, long cap, int version, String serialNumber, String modelNumber, String firmwareRevision, String subsystem,
    int controllerId, long namespaces, Limits limits, Ana ana) {
    /** The same with so many I/O queue pairs. */
    public ControllerData granting(int queuePairs) {
        var granted = new Limits(
            limits.maxTransferBytes, queuePairs, limits.queueEntries, limits.optionalCommands, limits.adminCommands, limits.sgl,
            limits.volatileCache, limits.abortLimit, limits.fused);
        return new ControllerData(
            identify, cap, version, serialNumber, modelNumber, firmwareRevision, subsystem, controllerId, namespaces, granted, ana);
    }

    /**
     * What commands are held to.
     *
     * @param maxTransferBytes most data of one command, from MDTS and what the driver can describe
     * @param queuePairs I/O queue pairs that it granted
     * @param queueEntries entries of an I/O queue
     * @param optionalCommands ONCS
     * @param adminCommands OACS
     * @param sgl whether SGLs are used
     * @param volatileCache VWC bit 0: writes may be lost until a Flush
     * @param abortLimit ACL, counted from 1
     * @param fused whether it knows Compare and Write (FUSES bit 0)
     */
    public record Limits(
        long maxTransferBytes, int queuePairs, int queueEntries, int optionalCommands, int adminCommands, boolean sgl,
        boolean volatileCache, int abortLimit, boolean fused) {
        /** {@link #optionalCommands}: Compare. */
        public static final int COMPARE = 1 << 0;
        /** {@link #optionalCommands}: Write Uncorrectable. */
        public static final int WRITE_UNCORRECTABLE = 1 << 1;
        /** {@link #optionalCommands}: Dataset Management. */
        public static final int DATASET_MANAGEMENT = 1 << 2;
        /** {@link #optionalCommands}: Write Zeroes. */
        public static final int WRITE_ZEROES = 1 << 3;
        /** {@link #optionalCommands}: reservations. */
        public static final int RESERVATIONS = 1 << 5;
        /** {@link #optionalCommands}: Verify. */
        public static final int VERIFY = 1 << 7;
        /** {@link #optionalCommands}: Copy. */
        public static final int COPY = 1 << 8;

        /** Whether it knows the optional command. */
        public boolean knows(int command) {
            return (optionalCommands & command) != 0;
        }
    }

    /**
     * Asymmetric namespace access. NVMe Base 2.1, 8.1.1.
     *
     * @param reported whether it reports it (CMIC bit 3)
     * @param transitionMs longest transition, ANATT
     * @param groups ANAGRPMAX
     * @param groupIds NANAGRPID
     */
    public record Ana(boolean reported, int transitionMs, long groups, long groupIds) {}
}
