package dev.karst.nvmf.core;

import dev.karst.base.StorageException;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.core.model.DiscoverySnapshot;
import dev.karst.nvmf.core.model.Listener;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.rpc.RpcError;
import dev.karst.spec.nvmf.DiscoveryEntry;
import dev.karst.spec.nvmf.Nqn;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What hosts are told of the target, and of others that they are referred to. Each change makes a new snapshot with a
 * new generation, so that a host which reads the log in pieces sees whether they fit. Control threads change it.
 */
public final class Discovery {
    /** Entries of an admin queue of another target, of which nothing is known: what every one must have. */
    private static final int LEAST_QUEUE_ENTRIES = 32;

    /**
     * Another place where hosts may ask or connect.
     *
     * @param address where
     * @param subNqn which subsystem; most often the discovery subsystem
     * @param secure whether only secure channels are accepted there
     */
    public record Referral(ListenAddress address, String subNqn, boolean secure) {}

    private final NvmfTarget target;
    private final Transports transports;
    private volatile List<Referral> referrals = List.of();
    private volatile DiscoverySnapshot snapshot = new DiscoverySnapshot(0, Set.of(), List.of());

    Discovery(NvmfTarget target, Transports transports) {
        this.target = target;
        this.transports = transports;
    }

    DiscoverySnapshot snapshot() {
        return snapshot;
    }

    /** Any thread. */
    public List<Referral> referrals() {
        return referrals;
    }

    /** Refers hosts to another place; one that is there already stays. */
    public void refer(Referral referral) throws StorageException {
        target.change(() -> {
            if (!referrals.contains(referral)) {
                var more = new ArrayList<>(referrals);
                more.removeIf(other -> isSame(other, referral.address, referral.subNqn));
                more.add(referral);
                referrals = List.copyOf(more);
                changed();
            }
            return null;
        });
    }

    private static boolean isSame(Referral referral, ListenAddress address, String subNqn) {
        return referral.address.equals(address) && referral.subNqn.equals(subNqn);
    }

    /** Does not refer hosts there any more. */
    public void forget(ListenAddress address, String subNqn) throws StorageException {
        target.change(() -> {
            var fewer = new ArrayList<>(referrals);
            if (!fewer.removeIf(referral -> isSame(referral, address, subNqn))) {
                throw RpcError.invalidParameters("Invalid parameters: there is no referral to " + subNqn + " at "
                    + address + "; nvmf:referral-list shows those there are");
            }
            referrals = List.copyOf(fewer);
            changed();
            return null;
        });
    }

    /** What hosts are told depends on. Any thread. */
    public Set<DiscoverySnapshot.Filter> filters() {
        return snapshot.filters();
    }

    public void filters(Set<DiscoverySnapshot.Filter> filters) throws StorageException {
        target.change(() -> {
            changed(filters);
            return null;
        });
    }

    /** Something that hosts are told has changed. Under the target's lock. */
    void changed() {
        changed(snapshot.filters());
    }

    private void changed(Set<DiscoverySnapshot.Filter> filters) {
        var entries = new ArrayList<DiscoverySnapshot.Entry>();
        for (Subsystem subsystem : target.subsystems()) {
            for (Listener listener : subsystem.listeners()) {
                entries.add(entry(subsystem, listener));
            }
        }
        for (Referral referral : referrals) {
            entries.add(entry(referral));
        }
        snapshot = new DiscoverySnapshot(snapshot.generation() + 1, filters, List.copyOf(entries));
        NvmfTarget.eachController(target.subsystem(Nqn.DISCOVERY), controller -> controller.events.discoveryChanged());
    }

    private DiscoverySnapshot.Entry entry(Subsystem subsystem, Listener listener) {
        int subtype = subsystem.discovery ? DiscoveryEntry.SUBTYPE_CURRENT_DISCOVERY : DiscoveryEntry.SUBTYPE_NVM;
        return new DiscoverySnapshot.Entry(
            subsystem.nqn, subtype, listener.advertised, listener.address, transports.portId(listener.address),
            transports.adminQueueEntries(listener.address), false, subsystem.anyHost() ? null : subsystem.hosts());
    }

    private static DiscoverySnapshot.Entry entry(Referral referral) {
        int subtype = referral.subNqn.equals(Nqn.DISCOVERY) ? DiscoveryEntry.SUBTYPE_REFERRAL
            : DiscoveryEntry.SUBTYPE_NVM;
        return new DiscoverySnapshot.Entry(
            referral.subNqn, subtype, referral.address, null, 0, LEAST_QUEUE_ENTRIES, referral.secure, null);
    }
}
