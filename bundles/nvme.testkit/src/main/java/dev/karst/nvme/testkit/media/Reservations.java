package dev.karst.nvme.testkit.media;

import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.reservation.ReservationLog;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Who is registered with a namespace and who holds its reservation. NVMe Base 2.1, 8.1.22. */
public final class Reservations {
    /** Reservation types that let registrants do what the holder may. */
    private static final int WRITE_EXCLUSIVE = 1;
    private static final int EXCLUSIVE_ACCESS = 2;
    private static final int WRITE_EXCLUSIVE_REGISTRANTS = 3;
    private static final int WRITE_EXCLUSIVE_ALL = 5;
    private static final int EXCLUSIVE_ACCESS_ALL = 6;
    private static final int CONFLICT = NvmeStatus.RESERVATION_CONFLICT | NvmeStatus.DNR;
    private static final int INVALID = NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;

    /** Keys by host identifier, in hexadecimal. */
    private final Map<String, Long> registrants = new TreeMap<>();
    private String holder;
    private int type;
    private int generation;

    private Watcher watcher = (host, notice) -> {};

    /** Told of what one host does to another. */
    @FunctionalInterface
    public interface Watcher {
        /** @param notice {@link ReservationLog#RNLPT} */
        void lost(String host, int notice);
    }

    Reservations() {}

    /** Tells of what one host does to another. */
    void watch(Watcher watcher) {
        this.watcher = watcher;
    }

    private void tellOthers(String host, int notice) {
        registrants.keySet().stream().filter(other -> !other.equals(host)).forEach(other -> watcher.lost(other, notice));
    }

    public Map<String, Long> registrants() {
        return registrants;
    }

    /** Type of the reservation; 0 for none. */
    public int type() {
        return type;
    }

    public int generation() {
        return generation;
    }

    /** Whether the host holds the reservation. */
    public boolean isHolder(String host) {
        return type != 0 && (isForAll() ? registrants.containsKey(host) : host.equals(holder));
    }

    private boolean isForAll() {
        return type == WRITE_EXCLUSIVE_ALL || type == EXCLUSIVE_ACCESS_ALL;
    }

    /** Whether the host may read, or write; its status. */
    public int check(String host, boolean writes) {
        if (type == 0 || isHolder(host)) {
            return 0;
        }
        boolean registered = registrants.containsKey(host) && type >= WRITE_EXCLUSIVE_REGISTRANTS;
        boolean readsAreFree = type == WRITE_EXCLUSIVE || type == WRITE_EXCLUSIVE_REGISTRANTS || type == WRITE_EXCLUSIVE_ALL;
        return registered || !writes && readsAreFree ? 0 : CONFLICT;
    }

    /** Registers the host, or gives it another key. */
    public int register(String host, long key, boolean replace, boolean ignore, long current) {
        Long known = registrants.get(host);
        boolean refused = replace ? known == null || !ignore && known != current : known != null && known != key;
        if (refused) {
            return CONFLICT;
        }
        registrants.put(host, key);
        generation++;
        return 0;
    }

    /** Takes the host's registration away, and what it holds. */
    public int unregister(String host, long current, boolean ignore) {
        Long known = registrants.get(host);
        if (known == null || !ignore && known != current) {
            return CONFLICT;
        }
        remove(host);
        generation++;
        return 0;
    }

    private void remove(String host) {
        boolean held = isHolder(host);
        registrants.remove(host);
        if (held && (!isForAll() || registrants.isEmpty())) {
            free();
        }
    }

    /** Acquires the reservation for the host. */
    public int acquire(String host, long current, int wanted) {
        if (wanted < WRITE_EXCLUSIVE || wanted > EXCLUSIVE_ACCESS_ALL) {
            return INVALID;
        }
        if (!isKey(host, current) || type != 0 && !(isHolder(host) && type == wanted)) {
            return CONFLICT;
        }
        holder = host;
        type = wanted;
        return 0;
    }

    /** Takes registrations with that key away, and the reservation when a holder is among them. */
    public int preempt(String host, long current, long preempted, int wanted) {
        if (!isKey(host, current)) {
            return CONFLICT;
        }
        boolean takes = type != 0 && (isForAll() ? preempted == 0 : isKey(holder, preempted));
        if (!takes && type != 0 && preempted == 0) {
            return INVALID;
        }
        if (!registrants.containsValue(preempted) && !(isForAll() && preempted == 0)) {
            return CONFLICT;
        }
        boolean everybody = isForAll() && preempted == 0;
        for (String other : List.copyOf(registrants.keySet())) {
            if (!other.equals(host) && (everybody || registrants.get(other) == preempted)) {
                remove(other);
                watcher.lost(other, ReservationLog.RNLPT_REGISTRATION_PREEMPTED);
            }
        }
        if (takes) {
            holder = host;
            type = wanted;
        }
        generation++;
        return 0;
    }

    /** Gives the reservation up. */
    public int release(String host, long current, int named) {
        if (!isKey(host, current)) {
            return CONFLICT;
        }
        if (isHolder(host)) {
            if (named != type) {
                return INVALID;
            }
            if (type >= WRITE_EXCLUSIVE_REGISTRANTS) {
                tellOthers(host, ReservationLog.RNLPT_RESERVATION_RELEASED);
            }
            free();
        }
        return 0;
    }

    /** Takes all registrations away. */
    public int clear(String host, long current) {
        if (!isKey(host, current)) {
            return CONFLICT;
        }
        tellOthers(host, ReservationLog.RNLPT_RESERVATION_PREEMPTED);
        registrants.clear();
        free();
        generation++;
        return 0;
    }

    private boolean isKey(String host, long key) {
        Long known = host == null ? null : registrants.get(host);
        return known != null && known == key;
    }

    private void free() {
        holder = null;
        type = 0;
    }

    @Override
    public String toString() {
        return type == EXCLUSIVE_ACCESS ? "exclusive access of " + holder : "type " + type + " of " + holder + " " + registrants;
    }
}
