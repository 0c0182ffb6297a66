package dev.karst.rpc.core;

import dev.karst.base.DataFolder;
import dev.karst.rpc.RpcRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
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

        /** How long a request may take to come. */
        @AttributeDefinition(description = "Seconds from the first byte of a request to its last")
        int request_seconds() default 30;

        /** Where HTTP listens. */
        @AttributeDefinition(description = "The TCP port for JSON-RPC by HTTP; 0 for none")
        int http_port() default 0;

        /** On which address. */
        @AttributeDefinition(description = "The address for HTTP; only loopback is taken")
        String http_address() default "127.0.0.1";

        /** Who may call by HTTP. */
        @AttributeDefinition(description = "The users of HTTP; a relative path starts at karst.data, else at karaf.data")
        String http_users() default "etc/rpc.users";

        /** How many calls by HTTP at once. */
        @AttributeDefinition(description = "How many requests by HTTP may be carried out at once")
        int http_max_requests() default 64;
    }

    @Activate
    public JsonRpcServer(@Reference RpcRegistry registry, Settings settings) {
        this.dispatcher = new Dispatcher(registry);
        start(settings);
    }

    /** Listens anew; clients reconnect. */
    @Modified
    void modified(Settings settings) {
        stop();
        start(settings);
    }

    /** Stops listening; calls that run have a second to end. */
    @Deactivate
    public void stop() {
        try {
            if (server != null) {
                server.close();
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "rpc: closing " + path + ": " + e.getMessage());
        }
    }

    private void start(Settings settings) {
        path = DataFolder.resolve(settings.socket());
        try {
            SocketServer.Bounds bounds =
                new SocketServer.Bounds(settings.max_connections(), TimeUnit.SECONDS.toMillis(settings.request_seconds()));
            server = new SocketServer(SocketFile.listen(path), dispatcher, bounds);
            server.start();
            LOG.log(System.Logger.Level.INFO, "rpc: listening at " + path);
        } catch (IOException e) {
            server = null;
            LOG.log(System.Logger.Level.ERROR, "rpc: no JSON-RPC: " + e.getMessage());
        }
    }
}
