package dev.karst.rpc;

import dev.karst.base.StorageException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/** What it takes to bring a layer back to its present state, a service. */
@ConsumerType
public interface ConfigSource {
    /** The subsystem of SPDK's {@code save_config} that the calls stand under, such as {@code bdev}. */
    String subsystem();

    /** Subsystems whose calls come before these, as far as they exist. */
    List<String> after();

    /**
     * The calls, in an order in which they succeed. The same state gives the same calls with their parameters in the same
     * order, in any process. Control threads.
     */
    List<Call> calls();

    /**
     * Whether {@link #calls} makes all that clients made. It does not when something was lost that nobody took away; what was
     * saved is then kept as it is until the layer, or all, is started again.
     */
    default boolean isWhole() {
        return true;
    }

    /**
     * Returns when what its calls have begun and not ended is done, such as looking for what lies on a new device: until then a call may
     * fail for want of that. Control threads; blocks for a minute at the most.
     *
     * @throws StorageException when it is not done by then, with what it waits for
     */
    default void settle() throws StorageException {}

    /**
     * A call that recreates something.
     *
     * @param method its name
     * @param parameters as a client would send them
     */
    record Call(String method, Map<String, Object> parameters) {
        /** A call with these parameters in this order: a name, its value, a name, and so on. */
        public static Call of(String method, Object... namesAndValues) {
            Map<String, Object> parameters = new LinkedHashMap<>();
            for (int i = 0; i < namesAndValues.length; i += 2) {
                parameters.put((String) namesAndValues[i], namesAndValues[i + 1]);
            }
            return new Call(method, parameters);
        }
    }
}
