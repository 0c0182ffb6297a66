package dev.karst.log;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The logging of the container, by its configuration. */
@Component(immediate = true)
public final class PaxLogging implements RpcMethods {
    private static final String PID = "org.ops4j.pax.logging";
    private static final String OURS = "dev.karst.";

    private final List<RpcMethod> methods;

    @Activate
    public PaxLogging(@Reference ConfigurationAdmin admin, BundleContext context) {
        methods = new LogMethods(new LogMethods.Store() {
            @Override
            public Map<String, Object> read() throws StorageException {
                return settings(configuration(admin).getProperties());
            }

            @Override
            public void write(Map<String, Object> settings) throws StorageException {
                try {
                    configuration(admin).update(new Hashtable<>(settings));
                } catch (IOException e) {
                    throw failed(e);
                }
            }

            @Override
            public List<String> bundles() {
                return Arrays.stream(context.getBundles()).map(Bundle::getSymbolicName)
                    .filter(name -> name != null && name.startsWith(OURS))
                    .map(name -> name.substring(OURS.length())).distinct().toList();
            }
        }).methods();
    }

    @Override
    public List<RpcMethod> methods() {
        return methods;
    }

    private static Configuration configuration(ConfigurationAdmin admin) throws StorageException {
        try {
            return admin.getConfiguration(PID, null);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static StorageException failed(IOException e) {
        return new StorageException(-Errno.EIO, "the configuration " + PID + ": " + e.getMessage(), e);
    }

    /** What is written replaces all there was, so nothing is taken for what holds before the container has read its file. */
    static Map<String, Object> settings(Dictionary<String, Object> properties) throws StorageException {
        if (properties == null) {
            throw StorageException.errno(
                Errno.EAGAIN, Errno.text(Errno.EAGAIN) + ": the configuration " + PID + " is not loaded yet; try again");
        }
        Map<String, Object> settings = new LinkedHashMap<>();
        Collections.list(properties.keys()).forEach(key -> settings.put(key, properties.get(key)));
        return settings;
    }
}
