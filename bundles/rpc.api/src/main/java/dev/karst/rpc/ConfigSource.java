package dev.karst.rpc;

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

    /** The calls, in an order in which they succeed. Control threads. */
    List<Call> calls();

    /**
     * A call that recreates something.
     *
     * @param method its name
     * @param parameters as a client would send them
     */
    record Call(String method, Map<String, Object> parameters) {}
}
