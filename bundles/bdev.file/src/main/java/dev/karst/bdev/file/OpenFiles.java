package dev.karst.bdev.file;

import java.util.HashMap;
import java.util.Map;

/** Which files this module has open: one for writing by one device only, one for reading by any number. Any thread. */
final class OpenFiles {
    /** Who has a file open. */
    private record Use(String name, boolean readOnly, int count) {}

    private final Map<Object, Use> uses = new HashMap<>();

    /** Notes a use; null when that went well, else the device that stands in the way. */
    synchronized String enter(Object identity, String name, boolean readOnly) {
        Use use = uses.get(identity);
        if (use != null && !(use.readOnly && readOnly)) {
            return use.name;
        }
        uses.put(identity, use == null ? new Use(name, readOnly, 1) : new Use(use.name, true, use.count + 1));
        return null;
    }

    /** Ends a use. */
    synchronized void leave(Object identity) {
        uses.computeIfPresent(
            identity, (key, use) -> use.count == 1 ? null : new Use(use.name, use.readOnly, use.count - 1));
    }

    /** How many files are open. */
    synchronized int size() {
        return uses.size();
    }
}
