package dev.karst.itests.stack;

import java.lang.reflect.Proxy;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;

/** A framework of which nothing is asked but a version. */
public final class Framework {
    private Framework() {}

    /** The context of a bundle in it. */
    public static BundleContext context() {
        return answering(BundleContext.class, answering(Bundle.class, Version.emptyVersion));
    }

    private static <T> T answering(Class<T> type, Object answer) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> answer));
    }
}
