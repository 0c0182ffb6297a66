import dev.karst.base.StorageException;
import dev.karst.bdev.BdevChannel;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.module.BdevModule;
import dev.karst.env.linux.LinuxEnvironment;
import dev.karst.reactor.IdlePolicy;
import dev.karst.reactor.Reactor;
import dev.karst.reactor.core.PinnedReactors;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Block devices in this process, and the reactor that uses them: the last, which polls; the others sleep, and their processors compile. */
final class BdevSetup {
    static final int BLOCK = 4096;

    private final LinuxEnvironment environment = new LinuxEnvironment();
    private final BlockLayer layer;
    final Reactor reactor;

    BdevSetup() throws StorageException {
        var reactors = new PinnedReactors(environment);
        layer = new BlockLayer(environment, reactors);
        reactor = reactors.all().getLast();
        reactor.idlePolicy(IdlePolicy.POLL);
    }

    <M extends BdevModule> M add(M module) throws StorageException {
        layer.addModule(module);
        return module;
    }

    Object call(BdevModule module, String name, Map<String, Object> parameters) throws Exception {
        RpcMethod method = ((RpcMethods) module).methods().stream().filter(it -> it.name().equals(name)).findFirst().orElseThrow();
        return method.handler().call(RpcChecks.check(method, new LinkedHashMap<>(parameters)));
    }

    /** A device that is in use. */
    record Opened(BdevDescriptor descriptor, BdevChannel channel) {}

    Opened open(String name) throws Exception {
        var descriptor = layer.open(name, true, reactor, () -> { });
        return new Opened(descriptor, on(() -> descriptor.openChannel(reactor)));
    }

    void close(Opened opened) {
        on(() -> {
            opened.channel.close();
            opened.descriptor.close();
            return null;
        });
    }

    long allocate(long bytes) throws StorageException {
        return environment.memory().allocate("data", bytes).address();
    }

    /** Has the reactor do it. */
    <T> T on(Callable<T> task) {
        var result = new CompletableFuture<T>();
        reactor.execute(() -> {
            try {
                result.complete(task.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        return result.join();
    }
}
