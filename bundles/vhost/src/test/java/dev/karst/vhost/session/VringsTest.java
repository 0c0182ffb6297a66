package dev.karst.vhost.session;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.Region;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.virtio.Feature;
import dev.karst.vhost.device.Device;
import dev.karst.vhost.ring.GuestMemory;
import dev.karst.vhost.ring.GuestRegion;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class VringsTest {
    private static final int BYTES = 4096;

    /** The machine has no memory left for a queue, say: whoever waits for it must hear. */
    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void shouldRefuseAQueueWhenItsStartFailsInAnyWay() throws Exception {
        try (var world = new SimWorld(1, 1)) {
            Region region = world.environment().memory().allocate("ring", BYTES);
            Mem.fill(region.address(), BYTES, (byte) 0);
            Device device = (Device) Proxy.newProxyInstance(Device.class.getClassLoader(), new Class<?>[] {Device.class},
                (_, method, _) -> switch (method.getName()) {
                    case "maxQueues" -> 1;
                    case "reactor" -> world.reactors().all().getFirst();
                    case "open" -> throw new OutOfMemoryError("planted");
                    default -> "planted";
                });
            var vrings = new Vrings(device, world.environment(), world.reactors());
            Vring vring = vrings.vring(0);
            vring.size = 8;
            vring.place = new Vring.Place(0, 1024, 2048, 0);
            vring.polled = true;
            vring.enabled = true;
            var memory = new GuestMemory(List.of(new GuestRegion(0, BYTES, 0, region.address())));
            var agreement = new Vrings.Agreement(Feature.VERSION_1, memory, new InflightMemory(null, false), null);
            assertThrows(StorageException.class, () -> vrings.start(vring, agreement));
            assertNull(vring.queue);
            vrings.close();
            world.environment().memory().free(region);
        }
    }
}
