package dev.karst.rpc;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** The methods of one layer or module, a service. */
@ConsumerType
public interface RpcMethods {
    /** They do not change while the service lives. */
    List<RpcMethod> methods();
}
