package ${package};

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.Creation;
import dev.karst.bdev.module.ModuleBdev;
import dev.karst.bdev.module.RegisteringModule;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** Makes block devices of what a web server has: {@code bdev_http_create} and {@code bdev_http_delete}. */
@Component(immediate = true, service = {BdevModule.class, RpcMethods.class})
public final class HttpModule extends RegisteringModule {
    private final List<RpcMethod> methods = List.of(
        creates("bdev_http_create", "http-create", "Creates a read-only block device of a file that a web server has", HttpModule::make,
            NEW_NAME, NEW_UUID, RpcParameter.required("url", Type.STRING, "The file; its server must answer requests for ranges")),
        deletes("bdev_http_delete", "http-delete", "Deletes such a block device; the file stays"));

    /** A module without devices. */
    public HttpModule() {
        super("http", null);
    }

    @Override
    public List<RpcMethod> methods() {
        return methods;
    }

    private static ModuleBdev make(Creation creation) throws StorageException {
        String url = creation.call().string("url");
        try {
            return HttpBdev.open(creation, URI.create(url));
        } catch (IOException | IllegalArgumentException e) {
            throw creation.refused(Errno.EIO, url + " cannot be used: " + e.getMessage() + "; give the address of a file");
        } catch (InterruptedException e) {
            throw creation.refused(Errno.EINTR, "interrupted");
        }
    }
}
