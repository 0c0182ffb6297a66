package dev.karst.compat.subject;

import java.security.PrivilegedAction;
import java.security.PrivilegedActionException;
import java.security.PrivilegedExceptionAction;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import javax.security.auth.Subject;

/**
 * The subject of the running code, without an {@code AccessControlContext}. A subject is bound to the calling thread and to
 * the threads that it starts meanwhile: the shell runs the stages of a pipe on threads of their own, and a scoped value, as
 * {@link Subject#current()} reads it, does not cross to those.
 */
public final class SubjectBridge {
    private static final InheritableThreadLocal<Subject> INHERITED = new InheritableThreadLocal<>();

    private SubjectBridge() {}

    /**
     * Stands in for {@code Subject.getSubject(AccessControlContext)}. Any thread.
     *
     * @param context ignored; there is but the running code's own context
     * @return null if no subject is bound
     */
    public static Subject getSubject(Object context) {
        Subject bound = Subject.current();
        return bound != null ? bound : INHERITED.get();
    }

    /** Stands in for {@code JaasHelper.doAs}: runs the action as the subject and passes on what it throws. Any thread. */
    public static Object doAs(Subject subject, PrivilegedAction<?> action) {
        try {
            return callAs(subject, action::run);
        } catch (CompletionException e) {
            throw unchecked(e);
        }
    }

    /**
     * Stands in for {@code JaasHelper.doAs}: runs the action as the subject. Any thread.
     *
     * @throws PrivilegedActionException around a checked exception of the action
     */
    public static Object doAs(Subject subject, PrivilegedExceptionAction<?> action) throws PrivilegedActionException {
        try {
            return callAs(subject, action::run);
        } catch (CompletionException e) {
            if (e.getCause() instanceof Exception checked && !(checked instanceof RuntimeException)) {
                throw new PrivilegedActionException(checked);
            }
            throw unchecked(e);
        }
    }

    private static Object callAs(Subject subject, Callable<?> action) {
        Subject before = INHERITED.get();
        INHERITED.set(subject);
        try {
            return Subject.callAs(subject, action);
        } finally {
            INHERITED.set(before);
        }
    }

    private static RuntimeException unchecked(CompletionException e) {
        return switch (e.getCause()) {
            case RuntimeException thrown -> thrown;
            case Error thrown -> throw thrown;
            case null, default -> e;
        };
    }
}
