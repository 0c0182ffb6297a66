package dev.karst.rpc.http;

import com.sun.net.httpserver.HttpServer;
import dev.karst.rpc.RpcRegistry;
import dev.karst.rpc.core.Dispatcher;
import dev.karst.rpc.core.JsonRpcServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * JSON-RPC by HTTP as a component. It listens when there is a port and a user. An address or port that cannot be had is one
 * line in the log; the rest of Karst runs.
 */
@Component(immediate = true, service = {}, configurationPid = "dev.karst.rpc")
public final class HttpRpcServer {
    private static final System.Logger LOG = System.getLogger(HttpRpcServer.class.getName());
    private static final int MAX_PORT = 65_535;
    private static final int FINISH_S = 1;

    private final RpcRegistry registry;
    private final HttpUsers users;
    private final JsonRpcServer.Settings settings;
    private final Runnable unwatch;
    private final ExecutorService executor =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("karst-http-", 0).factory());
    private HttpServer server;
    private boolean stopped;

    @Activate
    public HttpRpcServer(@Reference RpcRegistry registry, @Reference HttpUsers users, JsonRpcServer.Settings settings) {
        this.registry = registry;
        this.users = users;
        this.settings = settings;
        this.unwatch = users.watch(this::start);
        start();
    }

    /** Where it listens; null when it does not. */
    synchronized InetSocketAddress address() {
        return server == null ? null : server.getAddress();
    }

    /** Lets requests that are being answered end within a second. */
    @Deactivate
    public void stop() {
        unwatch.run();
        HttpServer running = taken();
        if (running != null) {
            running.stop(FINISH_S);
        }
        executor.shutdown();
    }

    private synchronized HttpServer taken() {
        stopped = true;
        HttpServer running = server;
        server = null;
        return running;
    }

    private synchronized void start() {
        int port = settings.http_port();
        if (port == 0 || server != null || stopped) {
            return;
        } else if (users.isEmpty()) {
            LOG.log(System.Logger.Level.WARNING, "rpc: HTTP waits for a user: add one with karst_rpc_set_user");
            return;
        }
        try {
            server = listen(port);
            LOG.log(System.Logger.Level.INFO, "rpc: HTTP at " + server.getAddress());
        } catch (IOException e) {
            String where = settings.http_address() + ", port " + port;
            LOG.log(System.Logger.Level.ERROR, "rpc: no HTTP: " + where + ": " + e.getMessage());
        }
    }

    /** The JDK's server takes these from nowhere else, once. */
    private static void setBounds(int requestSeconds) {
        setUnlessSet("sun.net.httpserver.maxReqTime", requestSeconds);
        setUnlessSet("sun.net.httpserver.idleInterval", 30);
        setUnlessSet("sun.net.httpserver.maxReqHeaderSize", 16 * 1024);
        setUnlessSet("sun.net.httpserver.maxReqHeaders", 64);
        setUnlessSet("sun.net.httpserver.drainAmount", 1 << 20);
        setUnlessSet("jdk.httpserver.maxConnections", 512);
        setUnlessSet("sun.net.httpserver.nodelay", true);
    }

    private static void setUnlessSet(String property, Object value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value.toString());
        }
    }

    private HttpServer listen(int port) throws IOException {
        InetAddress address = InetAddress.getByName(settings.http_address());
        if (!address.isLoopbackAddress()) {
            throw new IOException("other machines could reach it, and what is sent is not encrypted; set http.address in"
                + " dev.karst.rpc.cfg to 127.0.0.1 or ::1");
        } else if (port < 0 || port > MAX_PORT) {
            throw new IOException("there is no such port");
        }
        setBounds(settings.request_seconds());
        HttpServer made = HttpServer.create(new InetSocketAddress(address, port), 0);
        made.createContext("/", new HttpFront(new Dispatcher(registry), users, settings.http_max_requests()));
        made.setExecutor(executor);
        made.start();
        return made;
    }
}
