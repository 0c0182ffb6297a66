package dev.karst.nvmf.core.model;

import java.util.Arrays;

/** The states of a subsystem's ANA groups at one listener, and how often they changed. Immutable. */
public final class AnaStates {
    private final AnaState[] states;
    private final long[] changes;
    private final long allChanges;

    private AnaStates(AnaState[] states, long[] changes, long allChanges) {
        this.states = states;
        this.changes = changes;
        this.allChanges = allChanges;
    }

    /** All groups, from 1 to {@code groups}, in one state. */
    static AnaStates all(AnaState state, int groups) {
        var states = new AnaState[groups];
        Arrays.fill(states, state);
        return new AnaStates(states, new long[groups], 0);
    }

    /** The same, but for one group. */
    AnaStates with(int group, AnaState state) {
        if (of(group) == state) {
            return this;
        }
        AnaState[] newStates = states.clone();
        long[] newChanges = changes.clone();
        newStates[group - 1] = state;
        newChanges[group - 1]++;
        return new AnaStates(newStates, newChanges, allChanges + 1);
    }

    /** Groups; their identifiers begin with 1. */
    public int groups() {
        return states.length;
    }

    public AnaState of(int group) {
        return states[group - 1];
    }

    /** How often the group's state changed. */
    public long changes(int group) {
        return changes[group - 1];
    }

    /** How often any state changed. */
    public long changes() {
        return allChanges;
    }
}
