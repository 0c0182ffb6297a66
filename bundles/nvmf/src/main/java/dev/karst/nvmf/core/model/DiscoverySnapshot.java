package dev.karst.nvmf.core.model;

import dev.karst.nvmf.ListenAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * All that can be reached by anybody, at one time.
 *
 * @param generation changes whenever anything else here does
 * @param filters what an entry must have in common with the listener that a host asks at
 * @param entries what there is
 */
public record DiscoverySnapshot(long generation, Set<Filter> filters, List<Entry> entries) {
    /** What a host is told depends on where it asks. */
    public enum Filter {
        TRANSPORT,
        ADDRESS,
        SVCID
    }

    /**
     * Where a subsystem can be reached.
     *
     * @param nqn its name
     * @param subtype of which kind it is, as the log page has it
     * @param address where hosts are told that it is
     * @param listener where it listens; null for a referral
     * @param portId the address as a number
     * @param queueEntries most entries of an admin queue there
     * @param secure whether only secure channels are accepted
     * @param hosts who may use it; null for everybody
     */
    public record Entry(
        String nqn, int subtype, ListenAddress address, ListenAddress listener, int portId, int queueEntries,
        boolean secure, Set<String> hosts) {
        private boolean isFor(String hostNqn, ListenAddress asked, Set<Filter> filters) {
            return (hosts == null || hosts.contains(hostNqn)) && (listener == null || passes(asked, filters));
        }

        private boolean passes(ListenAddress asked, Set<Filter> filters) {
            return (!filters.contains(Filter.TRANSPORT) || listener.trtype().equals(asked.trtype()))
                && (!filters.contains(Filter.ADDRESS) || listener.traddr().equals(asked.traddr()))
                && (!filters.contains(Filter.SVCID) || listener.trsvcid().equals(asked.trsvcid()));
        }
    }

    /** What a host is told that asks at this listener. */
    public List<Entry> of(String hostNqn, ListenAddress asked) {
        var found = new ArrayList<Entry>();
        for (Entry entry : entries) {
            if (entry.isFor(hostNqn, asked, filters)) {
                found.add(entry);
            }
        }
        return found;
    }
}
