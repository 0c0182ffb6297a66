package dev.karst.nvmf.core.reservation;

import java.util.Set;
import java.util.TreeSet;

/**
 * What the standard says of reservations, a second time: hosts are numbers, tables are tables. Knows nothing of the
 * production code.
 */
public final class ReferenceReservations {
    static final int OK = 0;
    static final int INVALID = 0x4002;
    static final int CONFLICT = 0x4083;

    /** By type: what a holder, another registrant and anybody else may do. */
    private static final String[][] ALLOWED = {
        {"rw", "rw", "rw"},
        {"rw", "r", "r"},
        {"rw", "", ""},
        {"rw", "rw", "r"},
        {"rw", "rw", ""},
        {"rw", "rw", "r"},
        {"rw", "rw", ""},
    };

    /** By host; 0 for not registered. */
    public final long[] keys;
    public int type;
    int holder = -1;
    public int generation;
    boolean persistent;
    /** "host:type" of what the last command tells. */
    final Set<String> told = new TreeSet<>();
    /** Hosts whose commands the last command aborts. */
    final Set<Integer> aborted = new TreeSet<>();

    public ReferenceReservations(int hosts) {
        keys = new long[hosts];
    }

    public boolean mayRead(int host) {
        return ALLOWED[type][rank(host)].contains("r");
    }

    public boolean mayWrite(int host) {
        return ALLOWED[type][rank(host)].contains("w");
    }

    private int rank(int host) {
        boolean all = type >= 5;
        return keys[host] == 0 ? 2 : all || holder == host ? 0 : 1;
    }

    private void begin() {
        told.clear();
        aborted.clear();
    }

    private void tellOthers(int but, int what) {
        for (int host = 0; host < keys.length; host++) {
            if (host != but && keys[host] != 0) {
                told.add(host + ":" + what);
            }
        }
    }

    private int registered() {
        int count = 0;
        for (long key : keys) {
            count += key != 0 ? 1 : 0;
        }
        return count;
    }

    private void unregister(int host) {
        keys[host] = 0;
        if (type >= 5 ? registered() == 0 : holder == host) {
            type = 0;
            holder = -1;
        }
    }

    public int register(int host, int action, boolean ignore, int change, long current, long fresh) {
        begin();
        if (action > 2 || change == 1 || change == 3) {
            return INVALID;
        }
        boolean mayUse = keys[host] != 0 && (ignore || keys[host] == current);
        int before = type;
        switch (action) {
            case 0 -> {
                if (keys[host] != 0 && keys[host] != fresh) {
                    return CONFLICT;
                } else if (fresh == 0) {
                    return INVALID;
                }
                keys[host] = fresh;
            }
            case 1 -> {
                if (!mayUse) {
                    return CONFLICT;
                }
                unregister(host);
                if (type == 0 && (before == 3 || before == 4)) {
                    tellOthers(host, 2);
                }
            }
            default -> {
                if (fresh == 0) {
                    return INVALID;
                } else if (!mayUse && !(ignore && keys[host] == 0)) {
                    return CONFLICT;
                }
                keys[host] = fresh;
            }
        }
        generation++;
        return OK;
    }

    public int acquire(int host, int action, boolean ignore, int wanted, long current, long preempted) {
        begin();
        if (action > 2 || ignore || wanted < 1 || wanted > 6) {
            return INVALID;
        } else if (keys[host] == 0 || keys[host] != current) {
            return CONFLICT;
        } else if (action == 0) {
            boolean again = type == wanted && rank(host) == 0;
            if (type != 0 && !again) {
                return CONFLICT;
            } else if (type == 0) {
                reserve(host, wanted);
            }
            return OK;
        }
        return preempt(host, action == 2, wanted, preempted);
    }

    private void reserve(int host, int wanted) {
        type = wanted;
        holder = wanted >= 5 ? -1 : host;
    }

    private int preempt(int host, boolean aborts, int wanted, long key) {
        int before = type;
        boolean takesAll = type >= 5 && key == 0;
        boolean takesHolder = type >= 1 && type <= 4 && keys[holder] == key;
        if (!takesAll && !takesHolder && type >= 1 && type <= 4 && key == 0) {
            return INVALID;
        }
        var victims = new TreeSet<Integer>();
        for (int other = 0; other < keys.length; other++) {
            boolean matches = keys[other] != 0 && (takesAll || keys[other] == key);
            if (matches && !(other == host && (takesAll || takesHolder))) {
                victims.add(other);
            }
        }
        if (!takesAll && !takesHolder && victims.isEmpty()) {
            return CONFLICT;
        }
        for (int victim : victims) {
            unregister(victim);
            if (victim != host) {
                told.add(victim + ":1");
                if (aborts) {
                    aborted.add(victim);
                }
            }
        }
        if (takesAll || takesHolder) {
            reserve(host, wanted);
        }
        if (before != 0 && before != type) {
            tellOthers(host, 2);
        }
        generation++;
        return OK;
    }

    public int release(int host, int action, boolean ignore, int named, long current) {
        begin();
        if (action > 1 || ignore || action == 0 && named > 6) {
            return INVALID;
        } else if (keys[host] == 0 || keys[host] != current) {
            return CONFLICT;
        } else if (action == 1) {
            tellOthers(host, 3);
            java.util.Arrays.fill(keys, 0);
            type = 0;
            holder = -1;
            generation++;
            return OK;
        } else if (type == 0 || rank(host) != 0) {
            return OK;
        } else if (type != named) {
            return INVALID;
        }
        if (type >= 3) {
            tellOthers(host, 2);
        }
        type = 0;
        holder = -1;
        return OK;
    }
}
