package dev.karst.shell;

import dev.karst.base.StorageException;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.RpcCaller;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethod.Role;
import dev.karst.rpc.RpcRegistry;
import dev.karst.rpc.RpcUser;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.karaf.shell.support.ShellUtil;

/**
 * The registry as whoever runs the shell's session calls it: what a session changes is in the audit under the user's name. Who
 * comes into the shell may do all.
 *
 * @param registry that is called
 * @param user name of the user whose code runs; null when nobody logged in
 */
record SessionRegistry(RpcRegistry registry, Supplier<String> user) implements RpcRegistry {
    /** For the sessions of the container's shell. */
    SessionRegistry(RpcRegistry registry) {
        this(registry, ShellUtil::getCurrentUserName);
    }

    /** Without a login it is the console of the process itself. */
    private RpcUser caller() {
        String name = user.get();
        return new RpcUser(name == null ? System.getProperty("user.name") : name, "shell", Role.ADMIN);
    }

    @Override
    public Object call(String name, Map<String, Object> parameters) throws StorageException {
        return call(name, parameters, RpcCaller.PATIENT);
    }

    @Override
    public Object call(String name, Map<String, Object> parameters, RpcCaller caller) throws StorageException {
        return registry.call(name, parameters, caller.as(caller()));
    }

    @Override
    public Object replay(String name, Map<String, Object> parameters) throws StorageException {
        return registry.replay(name, parameters);
    }

    @Override
    public List<RpcMethod> methods() {
        return registry.methods();
    }

    @Override
    public Optional<RpcMethod> method(String name) {
        return registry.method(name);
    }

    @Override
    public List<ConfigSource> configSources() {
        return registry.configSources();
    }

    @Override
    public Watch watch(Runnable listener) {
        return registry.watch(listener);
    }
}
