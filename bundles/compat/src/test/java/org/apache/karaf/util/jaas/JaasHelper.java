package org.apache.karaf.util.jaas;

import java.security.PrivilegedAction;
import javax.security.auth.Subject;

/** Stands in for Karaf's class of this name. */
public final class JaasHelper {
    private JaasHelper() {}

    /** As in Karaf, the subject gets lost. */
    public static <T> T doAs(Subject subject, PrivilegedAction<T> action) {
        return action.run();
    }

    /** Throws since JDK 24. */
    @SuppressWarnings("removal")
    public static Subject current() {
        return Subject.getSubject(java.security.AccessController.getContext());
    }
}
