package dev.karst.vhost.rpc;

import dev.karst.rpc.ConfigSource;
import dev.karst.vhost.Controller;
import dev.karst.vhost.VhostTarget;
import dev.karst.vhost.scsi.ScsiHost;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The virtio-scsi controllers that are saved: SPDK has a subsystem for each kind. */
@Component(immediate = true, service = ConfigSource.class)
public final class ScsiControllers implements ConfigSource {
    private final VhostTarget target;

    @Activate
    public ScsiControllers(@Reference VhostTarget target) {
        this.target = target;
    }

    @Override
    public String subsystem() {
        return "vhost_scsi";
    }

    @Override
    public List<String> after() {
        return List.of("bdev", "scsi");
    }

    @Override
    public List<Call> calls() {
        return target.controllers().stream().map(Controller::device).filter(ScsiHost.class::isInstance).map(ScsiHost.class::cast)
            .flatMap(host -> ControllerJson.saved(target, host).stream()).toList();
    }
}
