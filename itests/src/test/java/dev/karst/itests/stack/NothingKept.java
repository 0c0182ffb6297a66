package dev.karst.itests.stack;

import dev.karst.rpc.ChangeJournal;
import java.util.Map;

/** Keeps no change. */
public final class NothingKept implements ChangeJournal {
    @Override
    public void reserve() {}

    @Override
    public long append(String method, Map<String, Object> parameters) {
        return 0;
    }

    @Override
    public void await(long change) {}
}
