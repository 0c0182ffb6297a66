package dev.karst.rpc.desired;

import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcSecrets;
import java.util.LinkedHashMap;
import java.util.List;
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

    /**
     * As a client sees it, without secrets.
     *
     * @param known the parameters of the call's method
     */
    Map<String, Object> plain(List<RpcParameter> known) {
        SequencedMap<String, Object> plain = new LinkedHashMap<>();
        plain.put("action", action.name().toLowerCase(Locale.ROOT));
        plain.put("object", title);
        plain.put("method", call.method());
        plain.put("params", RpcSecrets.masked(known, call.parameters()));
        plain.put("note", note);
        return plain;
    }
}
