package dev.karst.itests.stack;

import dev.karst.rpc.ChangeJournal;
import java.lang.reflect.Proxy;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;

/** What surrounds a registry of methods: a framework of which nothing is asked but a version, and a journal. */
public final class Framework {
    private Framework() {}

    /** The context of a bundle in it. */
    public static BundleContext context() {
        return answering(BundleContext.class, answering(Bundle.class, Version.emptyVersion));
    }

    private static <T> T answering(Class<T> type, Object answer) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> answer));
    }

    /** Keeps no change. */
    public static final class NothingKept implements ChangeJournal {
        @Override
        public void reserve() {}

        @Override
        public long append(String method, Map<String, Object> parameters) {
            return 0;
        }

        @Override
        public void await(long change) {}
    }
}
