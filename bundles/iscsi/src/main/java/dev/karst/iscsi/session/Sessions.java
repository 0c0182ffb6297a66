package dev.karst.iscsi.session;

import dev.karst.iscsi.model.TargetNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All sessions, of all reactors. Any thread; not for the I/O path. */
public final class Sessions {
    private static final int MAX_TSIH = 0xffff;

    private final Map<Integer, Session> byTsih = new TreeMap<>();
    /** Of the initiator ports that have sessions, the latest. */
    private final Map<Session.Key, Session> byKey = new HashMap<>();
    private int lastTsih;
    private int lastConnection;

    /** What a session that was entered is: its number, and the session between the same ports that must end first, or null. */
    record Entry(int tsih, Session before) {}

    /** Enters a session; null when there are as many as there may be. */
    synchronized Entry enter(Session session, int most) {
        Session before = session.key() == null ? null : byKey.get(session.key());
        int others = byTsih.size() - (before == null ? 0 : 1);
        if (others >= Math.min(most, MAX_TSIH)) {
            return null;
        }
        do {
            lastTsih = lastTsih % MAX_TSIH + 1;
        } while (byTsih.containsKey(lastTsih));
        byTsih.put(lastTsih, session);
        if (session.key() != null) {
            byKey.put(session.key(), session);
        }
        return new Entry(lastTsih, before);
    }

    /** A session has gone. */
    synchronized void leave(Session session) {
        byTsih.remove(session.tsih(), session);
        if (session.key() != null) {
            byKey.remove(session.key(), session);
        }
    }

    synchronized Session byTsih(int tsih) {
        return byTsih.get(tsih);
    }

    synchronized int newConnectionId() {
        return lastConnection++;
    }

    /** All sessions. */
    public synchronized List<Session> all() {
        return List.copyOf(byTsih.values());
    }

    /** The sessions of a node. */
    public List<Session> of(TargetNode node) {
        return all().stream().filter(session -> session.node() == node).toList();
    }
}
