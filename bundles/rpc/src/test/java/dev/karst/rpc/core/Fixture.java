package dev.karst.rpc.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.Version;

/** A registry with a layer whose methods do what tests need. */
public final class Fixture {
    public final List<String> made = new ArrayList<>();
    final CountDownLatch stopped = new CountDownLatch(1);
    public final CountDownLatch slowEntered = new CountDownLatch(1);
    public final CountDownLatch slowMayEnd = new CountDownLatch(1);
    public final WhiteboardRegistry registry;
    final RpcMethods layer = () -> List.of(
        RpcMethod.named("thing_create", "thing", "create", "Makes a thing")
            .takes(
                RpcParameter.required("name", RpcParameter.Type.STRING, "The name"),
                RpcParameter.optional("size", RpcParameter.Type.U64, "The size"))
            .does(call -> make(call.string("name"))),
        RpcMethod.named("thing_list", "thing", "list", "Lists things").readOnly().does(call -> List.copyOf(made)),
        RpcMethod.named("thing_break", "thing", "break", "Fails unexpectedly").does(call -> {
            throw new IllegalStateException("private detail");
        }),
        RpcMethod.named("thing_odd", "thing", "odd", "Gives no plain value").does(call -> new Object()),
        RpcMethod.named("thing_large", "thing", "large", "Gives much")
            .does(call -> "x".repeat(40 << 20)),
        RpcMethod.named("thing_wait", "thing", "wait", "Takes long").runsLong().does(call -> {
            slowEntered.countDown();
            return await(slowMayEnd);
        }));

    public Fixture() {
        this(new HeldStart(false));
    }

    Fixture(HeldStart start) {
        Version version = Version.parseVersion("0.1.0.SNAPSHOT");
        registry = new WhiteboardRegistry(new FrameworkMethods.Host(version, stopped::countDown, start));
        registry.addMethods(layer);
    }

    private Object make(String name) throws StorageException {
        if (made.contains(name)) {
            throw StorageException.errno(Errno.EEXIST, "thing " + name + ": File exists");
        }
        made.add(name);
        return name;
    }

    public static boolean await(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
