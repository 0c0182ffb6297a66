package dev.karst.vhost.rpc;

import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.vhost.Controller;
import dev.karst.vhost.VhostTarget;
import dev.karst.vhost.blk.BlkDevice;
import java.util.List;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The management of the target: SPDK's methods, and the virtio-blk controllers that are saved. */
@Component(immediate = true, service = {RpcMethods.class, ConfigSource.class})
public final class VhostManagement implements RpcMethods, ConfigSource {
    private final VhostTarget target;
    private final List<RpcMethod> methods;

    @Activate
    public VhostManagement(@Reference VhostTarget target) {
        this.target = target;
        methods = Stream.of(
                new ControllerMethods(target).methods(), new ScsiMethods(target).methods(), TransportMethods.methods())
            .flatMap(List::stream).toList();
    }

    @Override
    public List<RpcMethod> methods() {
        return methods;
    }

    @Override
    public String subsystem() {
        return "vhost_blk";
    }

    @Override
    public List<String> after() {
        return List.of("bdev");
    }

    @Override
    public List<Call> calls() {
        return target.controllers().stream().map(Controller::device).filter(BlkDevice.class::isInstance).map(BlkDevice.class::cast)
            .flatMap(device -> ControllerJson.saved(target, device).stream()).toList();
    }
}
