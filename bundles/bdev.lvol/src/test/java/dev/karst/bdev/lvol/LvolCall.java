package dev.karst.bdev.lvol;

import dev.karst.base.StorageException;
import dev.karst.bdev.testkit.BdevStage;

/** A call that may be refused. */
record LvolCall(String method, Object... parameters) {
    /** Gives its code; 0 when it succeeds. */
    int on(BdevStage stage) {
        try {
            stage.call(method, parameters);
            return 0;
        } catch (StorageException e) {
            return e.code();
        }
    }

    @Override
    public String toString() {
        return method + " " + parameters[1];
    }
}
