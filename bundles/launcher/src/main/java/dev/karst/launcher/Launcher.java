package dev.karst.launcher;

import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The program: one of the commands in {@link #USAGE}. */
public final class Launcher {
    private static final String USAGE =
        "usage: rpc SOCKET METHOD [key=value ...] | serving SOCKET | login-key FILE | free-port FIRST";
    private static final int MAX_PORT = 65535;
    private static final int FAILED = 1;
    private static final int MISUSED = 2;

    private final PrintStream out;
    private final PrintStream err;

    Launcher(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Exits with 0, or 1 after one line on the standard error. */
    public static void main(String[] arguments) {
        System.exit(new Launcher(System.out, System.err).run(List.of(arguments)));
    }

    int run(List<String> arguments) {
        if (arguments.size() < 2) {
            return fail(MISUSED, USAGE);
        }
        try {
            return switch (arguments.getFirst()) {
                case "rpc" -> rpc(Path.of(arguments.get(1)), arguments.subList(2, arguments.size()));
                case "serving" -> serving(Path.of(arguments.get(1)));
                case "login-key" -> loginKey(Path.of(arguments.get(1)));
                case "free-port" -> freePort(Integer.parseInt(arguments.get(1)));
                default -> fail(MISUSED, USAGE);
            };
        } catch (RpcException e) {
            return fail(FAILED, e.getMessage());
        } catch (IOException | GeneralSecurityException e) {
            return fail(FAILED, arguments.get(1) + ": " + e.getMessage());
        }
    }

    private int rpc(Path socket, List<String> call) throws IOException, RpcException {
        if (call.isEmpty()) {
            return fail(MISUSED, USAGE);
        }
        Map<String, Object> parameters = parameters(call.subList(1, call.size()));
        out.println(Json.format(new RpcClient(socket).call(call.getFirst(), parameters)));
        return 0;
    }

    private int serving(Path socket) throws IOException, RpcException {
        RpcClient client = new RpcClient(socket);
        Object startup = client.call("karst_get_startup", Map.of("wait", true));
        Object subsystems = client.call("nvmf_get_subsystems", Map.of());
        IscsiNodes nodes = new IscsiNodes(ifThere(client, "iscsi_get_target_nodes"), ifThere(client, "iscsi_get_portal_groups"));
        VhostControllers controllers = controllers(client);
        Serving.checkStartup(startup, Serving.isReachable(subsystems) || nodes.isReachable() || controllers.isReachable());
        out.print(Serving.describe(subsystems, nodes.describe() + controllers.describe()));
        out.print(Serving.leftOut(startup));
        return 0;
    }

    private static VhostControllers controllers(RpcClient client) throws IOException {
        Object controllers = ifThere(client, "vhost_get_controllers");
        Map<String, Object> options = new LinkedHashMap<>();
        for (String name : VhostControllers.names(controllers)) {
            options.put(name, ifThere(client, "karst_vhost_get_qemu_options", Map.of("ctrlr", name)));
        }
        return new VhostControllers(controllers, options);
    }

    private static Object ifThere(RpcClient client, String method) throws IOException {
        return ifThere(client, method, Map.of());
    }

    /** The result of a method of a layer that may not be installed; then nothing. */
    private static Object ifThere(RpcClient client, String method, Map<String, Object> parameters) throws IOException {
        try {
            return client.call(method, parameters);
        } catch (RpcException e) {
            return null;
        }
    }

    private int loginKey(Path file) throws IOException, GeneralSecurityException {
        out.println("karst = " + LoginKey.create(file) + ",_g_:admingroup");
        return 0;
    }

    /** Prints the first port, from this one, on which nobody listens at 127.0.0.1. */
    private int freePort(int first) throws IOException {
        int port = first;
        while (port < MAX_PORT && !isFree(port)) {
            port++;
        }
        out.println(port);
        return 0;
    }

    private static boolean isFree(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return !socket.isConnected();
        } catch (ConnectException e) {
            return true;
        }
    }

    /** A value that reads as JSON is that; any other is a string. */
    private static Map<String, Object> parameters(List<String> assignments) throws RpcException {
        Map<String, Object> parameters = new LinkedHashMap<>();
        for (String assignment : assignments) {
            int equals = assignment.indexOf('=');
            if (equals <= 0) {
                throw new RpcException("'" + assignment + "' is not of the form key=value");
            }
            parameters.put(assignment.substring(0, equals), value(assignment.substring(equals + 1)));
        }
        return parameters;
    }

    private static Object value(String text) {
        try {
            return Json.parse(text);
        } catch (IOException e) {
            return text;
        }
    }

    private int fail(int status, String message) {
        err.println("karst: " + message);
        return status;
    }
}
