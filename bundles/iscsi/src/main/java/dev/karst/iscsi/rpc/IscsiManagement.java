package dev.karst.iscsi.rpc;

import dev.karst.iscsi.IscsiTarget;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import java.util.List;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The management of the target: SPDK's methods, and the configuration that is saved. */
@Component(immediate = true, service = {RpcMethods.class, ConfigSource.class})
public final class IscsiManagement implements RpcMethods, ConfigSource {
    private final IscsiTarget target;
    private final List<RpcMethod> methods;

    @Activate
    public IscsiManagement(@Reference IscsiTarget target) {
        this.target = target;
        methods = Stream.of(
                new OptionMethods(target).methods(), new AuthMethods(target).methods(), new InitiatorMethods(target).methods(),
                new PortalMethods(target).methods(), new NodeMethods(target).methods(), new AccessMethods(target).methods(),
                new ShowMethods(target).methods())
            .flatMap(List::stream).toList();
    }

    @Override
    public List<RpcMethod> methods() {
        return methods;
    }

    @Override
    public String subsystem() {
        return "iscsi";
    }

    @Override
    public List<String> after() {
        return List.of("bdev", "scsi", "keyring");
    }

    @Override
    public List<Call> calls() {
        return SavedCalls.calls(target.catalogue());
    }
}
