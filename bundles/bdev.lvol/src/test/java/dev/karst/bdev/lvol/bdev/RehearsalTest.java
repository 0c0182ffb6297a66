package dev.karst.bdev.lvol.bdev;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.store.FirstSnapshot;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import org.junit.jupiter.api.Test;

class RehearsalTest {
    private static final String OURS = "dev.karst.bdev.lvol.";

    /** Code that nobody has run yet. */
    private static final class Fresh extends URLClassLoader {
        Fresh() {
            super(new URL[] {place(Rehearsal.class), place(FirstSnapshot.class)}, RehearsalTest.class.getClassLoader());
        }

        private static URL place(Class<?> type) {
            return type.getProtectionDomain().getCodeSource().getLocation();
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(OURS)) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
        }

        /** Runs a static method of a class that it loads; how many classes that made, lambdas among them. */
        long classesFor(Class<?> type) throws Exception {
            Method run = loadClass(type.getName()).getDeclaredMethod("run");
            run.setAccessible(true);
            long before = ManagementFactory.getClassLoadingMXBean().getTotalLoadedClassCount();
            run.invoke(null);
            return ManagementFactory.getClassLoadingMXBean().getTotalLoadedClassCount() - before;
        }
    }

    @Test
    void shouldGoWellAsOftenAsItRuns() throws StorageException {
        Rehearsal.run();
        Rehearsal.run();
    }

    @Test
    void shouldLeaveLittleToLinkForAFirstSnapshot() throws Exception {
        long rehearsed;
        long first;
        try (var fresh = new Fresh()) {
            fresh.classesFor(Rehearsal.class);
            rehearsed = fresh.classesFor(FirstSnapshot.class);
        }
        try (var fresh = new Fresh()) {
            first = fresh.classesFor(FirstSnapshot.class);
        }
        assertTrue(rehearsed < first / 2, rehearsed + " classes after a rehearsal, " + first + " without");
    }
}
