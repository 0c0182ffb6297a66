package dev.karst.rpc.desired;

import dev.karst.rpc.ConfigSource.Call;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/**
 * One step from a state to another.
 *
 * @param action what it does
 * @param title which thing
 * @param call what is called; for {@link Action#KEEP} what is not
 * @param note why, or what else happens; empty for nothing
 * @param harmful whether it takes away what is used by something that the declared state does not tell of
 */
record Step(Action action, String title, Call call, String note, boolean harmful) {
    enum Action {
        DELETE,
        CHANGE,
        CREATE,
        /** It differs and stays as it is. */
        KEEP
    }

    /** As a client sees it. */
    Map<String, Object> plain() {
        SequencedMap<String, Object> plain = new LinkedHashMap<>();
        plain.put("action", action.name().toLowerCase(Locale.ROOT));
        plain.put("object", title);
        plain.put("method", call.method());
        plain.put("params", call.parameters());
        plain.put("note", note);
        return plain;
    }
}
