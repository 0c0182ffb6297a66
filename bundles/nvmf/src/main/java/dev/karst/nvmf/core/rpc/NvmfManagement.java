package dev.karst.nvmf.core.rpc;

import dev.karst.nvmf.core.NvmfTarget;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import java.util.List;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * The management of the target: SPDK's methods, and the configuration that is saved. What SPDK offers and this target
 * cannot do is refused when it is asked for.
 */
@Component(immediate = true, service = {RpcMethods.class, ConfigSource.class})
public final class NvmfManagement implements RpcMethods, ConfigSource {
    private final NvmfTarget target;
    private final List<RpcMethod> methods;

    @Activate
    public NvmfManagement(@Reference NvmfTarget target) {
        this.target = target;
        methods = Stream.of(
                new TransportMethods(target).methods(), new SubsystemMethods(target).methods(),
                new NamespaceMethods(target).methods(), new ListenerMethods(target).methods(),
                new HostMethods(target).methods(), new DiscoveryMethods(target).methods(),
                new StatsMethods(target).methods(), new ShowMethods(target).methods(), new TargetMethods(target).methods())
            .flatMap(List::stream).toList();
    }

    @Override
    public List<RpcMethod> methods() {
        return methods;
    }

    @Override
    public String subsystem() {
        return "nvmf";
    }

    @Override
    public List<String> after() {
        return List.of("bdev");
    }

    @Override
    public List<Call> calls() {
        return SavedCalls.calls(target);
    }
}
