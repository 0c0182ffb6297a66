package dev.karst.nvme.vfiouser;

import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.PciDevice;
import dev.karst.nvme.TransportId;
import dev.karst.nvme.transport.NvmeTransport;
import dev.karst.nvme.transport.PciTransport;
import java.nio.file.Path;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Controllers by the path of their socket, or of the folder where it lies as {@code cntrl}, which is how SPDK serves them. */
@Component(immediate = true, service = NvmeTransport.class)
public final class VfioUserTransport implements PciTransport {
    private static final String TYPE = "VFIOUSER";
    private static final String SOCKET = "cntrl";
    private static final long TIMEOUT_MS = 10_000;

    private final Environment environment;

    /** Also for Declarative Services. */
    @Activate
    public VfioUserTransport(@Reference Environment environment) {
        this.environment = environment;
    }

    @Override
    public String type() {
        return TYPE;
    }

    /** None: nobody says where sockets are. */
    @Override
    public List<TransportId> probe() {
        return List.of();
    }

    /**
     * {@inheritDoc}
     *
     * @throws StorageException ENOENT, ECONNREFUSED, EACCES of the socket; EOPNOTSUPP when memory for data cannot be shared; EPROTO when
     *     the server breaks the protocol, or is none; ETIMEDOUT; or what the server says
     */
    @Override
    public PciDevice open(TransportId id) throws StorageException {
        Path inFolder = Path.of(id.address(), SOCKET);
        Path path = environment.files().exists(inFolder) ? inFolder : Path.of(id.address());
        return VfioUserDevice.open(environment, path, TIMEOUT_MS);
    }
}
