package dev.karst.scsi.core.model;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Something that is done on every reactor of a device. Any thread; not on the I/O path. */
public final class Round {
    /** What is done on one of them. */
    @FunctionalInterface
    public interface Visit {
        /** Does it, and runs {@code done} when it is done, inside this call or later. */
        void visit(DeviceGroup group, Runnable done);
    }

    private Round() {}

    /** Does it everywhere; nobody waits for it. */
    public static void each(List<DeviceGroup> groups, Consumer<DeviceGroup> visit) {
        for (DeviceGroup group : groups) {
            group.reactor.execute(() -> visit.accept(group));
        }
    }

    /** Does it everywhere; {@code done} then runs on the reactor that was the last. */
    public static void all(List<DeviceGroup> groups, Visit visit, Runnable done) {
        var left = new AtomicInteger(groups.size());
        for (DeviceGroup group : groups) {
            group.reactor.execute(() -> visit.visit(group, () -> {
                if (left.decrementAndGet() == 0) {
                    done.run();
                }
            }));
        }
    }
}
