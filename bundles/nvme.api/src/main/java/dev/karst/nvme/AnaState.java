package dev.karst.nvme;

/** Access to the namespaces of an ANA group through one controller. NVMe Base 2.1, 8.1.1.3 to 8.1.1.8; figures are the log page's. */
public enum AnaState {
    OPTIMIZED(1), NON_OPTIMIZED(2), INACCESSIBLE(3), PERSISTENT_LOSS(4), CHANGE(15);

    private final int figure;

    AnaState(int figure) {
        this.figure = figure;
    }

    /** As the log page has it. */
    public int figure() {
        return figure;
    }

    /** The state of that figure; INACCESSIBLE for one that nobody knows. */
    public static AnaState of(int figure) {
        for (AnaState state : values()) {
            if (state.figure == figure) {
                return state;
            }
        }
        return INACCESSIBLE;
    }
}
