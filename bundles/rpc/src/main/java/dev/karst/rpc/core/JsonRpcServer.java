package dev.karst.rpc.core;

import dev.karst.rpc.RpcRegistry;
import java.io.IOException;
import java.nio.file.Path;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The JSON-RPC server as a component. A socket that cannot be had is one line in the log; the rest of Karst runs. */
@Component(immediate = true, service = {}, configurationPid = "dev.karst.rpc")
@Designate(ocd = JsonRpcServer.Settings.class)
public final class JsonRpcServer {
    private static final System.Logger LOG = System.getLogger(JsonRpcServer.class.getName());
    /** SPDK's figure. */
    private static final int MAX_ANSWER_BYTES = 32 << 20;

    private final Dispatcher dispatcher;
    private Path path;
    private SocketServer server;

    /** Settings of the server. */
    @ObjectClassDefinition(name = "Karst JSON-RPC server")
    public @interface Settings {
        /** Where the socket is. */
        @AttributeDefinition(description = "The unix socket; a relative path starts at karst.data, else at karaf.data")
        String socket() default "karst.sock";

        /** How many clients at once. */
        @AttributeDefinition(description = "How many clients may be connected at once")
        int max_connections() default 64;
    }

    @Activate
    public JsonRpcServer(@Reference RpcRegistry registry, Settings settings) {
        this.dispatcher = new Dispatcher(registry, MAX_ANSWER_BYTES);
        start(settings);
    }

    /** Listens anew; clients reconnect. */
    @Modified
    void modified(Settings settings) {
        stop();
        start(settings);
    }

    @Deactivate
    void stop() {
        try {
            if (server != null) {
                server.close();
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "rpc: closing " + path + ": " + e.getMessage());
        }
    }

    private void start(Settings settings) {
        path = data().resolve(settings.socket()).toAbsolutePath().normalize();
        try {
            server = new SocketServer(SocketFile.listen(path), dispatcher, settings.max_connections());
            server.start();
            LOG.log(System.Logger.Level.INFO, "rpc: listening at " + path);
        } catch (IOException e) {
            server = null;
            LOG.log(System.Logger.Level.ERROR, "rpc: no JSON-RPC: " + e.getMessage());
        }
    }

    private static Path data() {
        return Path.of(System.getProperty("karst.data", System.getProperty("karaf.data", "")));
    }
}
