package dev.karst.nvmf.core.model;

import dev.karst.nvmf.ListenAddress;

/** Where a subsystem can be reached, and how its namespaces can be reached from there. */
public final class Listener {
    /** Where it listens. */
    public final ListenAddress address;
    /** What hosts are told; differs from {@link #address} where addresses are translated between here and them. */
    public final ListenAddress advertised;
    /** Replaced, so that what reactors read is of one time. */
    private volatile AnaStates ana;

    /** With all of {@code groups} ANA groups in one state. */
    public Listener(ListenAddress address, ListenAddress advertised, AnaState state, int groups) {
        this.address = address;
        this.advertised = advertised;
        ana = AnaStates.all(state, groups);
    }

    /** The states of the ANA groups. Any thread. */
    public AnaStates ana() {
        return ana;
    }

    /** Sets the state of a group, or of all for 0; false when nothing changed. Control threads. */
    public boolean set(int group, AnaState state) {
        AnaStates before = ana;
        AnaStates after = before;
        int first = group == 0 ? 1 : group;
        int last = group == 0 ? before.groups() : group;
        for (int each = first; each <= last; each++) {
            after = after.with(each, state);
        }
        ana = after;
        return after != before;
    }
}
