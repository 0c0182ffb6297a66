package dev.karst.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.bdev.BdevDescriptor;
import dev.karst.bdev.BdevRegistry;
import dev.karst.reactor.Reactor;
import dev.karst.vhost.blk.BlkDevice;
import dev.karst.vhost.device.DeviceQueue;
import dev.karst.vhost.ring.Chain;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class BlkDeviceTest {
    private static final long WHILE_MS = 200;
    private static final long WAIT_MS = 20_000;

    private final CountDownLatch tried = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private BlkDevice device;

    @TempDir
    private Path folder;

    /** One that loses its block device just as a channel has been opened. */
    private BdevDescriptor losing(BdevDescriptor real) {
        return (BdevDescriptor) Proxy.newProxyInstance(BdevDescriptor.class.getClassLoader(), new Class<?>[] {BdevDescriptor.class},
            (_, method, arguments) -> {
                try {
                    Object result = method.invoke(real, arguments);
                    if (method.getName().equals("openChannel")) {
                        device.removed();
                        tried.await(WHILE_MS, TimeUnit.MILLISECONDS);
                    } else if (method.getName().equals("close")) {
                        closed.countDown();
                    }
                    return result;
                } catch (InvocationTargetException e) {
                    tried.countDown();
                    throw e.getCause();
                }
            });
    }

    private BdevRegistry losing(BdevRegistry real) {
        var opened = new BdevDescriptor[1];
        return (BdevRegistry) Proxy.newProxyInstance(BdevRegistry.class.getClassLoader(), new Class<?>[] {BdevRegistry.class},
            (_, method, arguments) -> {
                for (int i = 0; arguments != null && i < arguments.length; i++) {
                    arguments[i] = arguments[i] instanceof BdevDescriptor ? opened[0] : arguments[i];
                }
                Object result = method.invoke(real, arguments);
                if (result instanceof BdevDescriptor descriptor) {
                    opened[0] = descriptor;
                    return losing(descriptor);
                }
                return result;
            });
    }

    /** A queue without a ring. */
    private static final class Empty extends DeviceQueue {
        private final Reactor reactor;

        Empty(Reactor reactor) {
            this.reactor = reactor;
        }

        @Override
        public Reactor reactor() {
            return reactor;
        }

        @Override
        public int size() {
            return 1;
        }

        @Override
        public long scratch() {
            return 0;
        }

        @Override
        public void complete(Chain chain, int written) {
            throw new AssertionError("it has none");
        }

        @Override
        public void lost(Chain chain, InternalError failure) {
            throw new AssertionError("it has none");
        }

        @Override
        public void resume() {
            throw new AssertionError("it always takes requests");
        }

        @Override
        public void breakDown(Chain chain, String why) {
            throw new AssertionError("it has none");
        }

        @Override
        public int poll() {
            return 0;
        }
    }

    @Test
    void shouldLetGoOfTheBlockDeviceWhenItIsRemovedWhileAQueueOpens() throws Exception {
        try (var bench = new Bench(folder, false)) {
            List<Reactor> reactors = bench.stage.reactors().all();
            device = new BlkDevice("test", bench.environment, reactors, losing(bench.stage.layer()), new BlkDevice.Options(true, false));
            device.open(Bench.BDEV);
            bench.stage.on(reactors.getFirst(), () -> {
                try {
                    device.open(0, new Empty(reactors.getFirst()));
                } catch (StorageException e) {
                    throw new AssertionError(e);
                }
            });
            assertTrue(closed.await(WAIT_MS, TimeUnit.MILLISECONDS), "it holds on to it");
            assertEquals(1, tried.getCount(), "it is closed while a channel is open");
        }
    }
}
