package dev.karst.compat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.security.PrivilegedAction;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import javax.security.auth.Subject;
import org.apache.karaf.util.jaas.JaasHelper;
import org.junit.jupiter.api.Test;
import org.osgi.framework.hooks.weaving.WovenClass;
import org.osgi.framework.wiring.BundleWiring;

class SubjectWeaverTest {
    private static final ClassLoader LOADER = SubjectWeaverTest.class.getClassLoader();

    private final List<String> imports = new ArrayList<>();
    private final Subject subject = new Subject();

    @Test
    void shouldFindNoSubjectWhenClassIsNotWoven() {
        assertThrows(UnsupportedOperationException.class, JaasHelper::current);
    }

    @Test
    void shouldFindNullWhenNoSubjectIsBound() throws Exception {
        assertNull(current(wovenHelper()));
    }

    @Test
    void shouldFindSubjectWhenCalledWithinDoAs() throws Exception {
        Class<?> helper = wovenHelper();
        assertSame(subject, doAs(helper, () -> current(helper)));
        assertNull(current(helper), "bound for the action only");
    }

    @Test
    void shouldFindSubjectWhenActionStartsThread() throws Exception {
        Class<?> helper = wovenHelper();
        Object found = doAs(helper, () -> {
            FutureTask<Object> task = new FutureTask<>(() -> current(helper));
            Thread.ofPlatform().start(task);
            return task.get();
        });
        assertSame(subject, found);
    }

    @Test
    void shouldPassOnExceptionWhenActionThrows() throws Exception {
        Class<?> helper = wovenHelper();
        var thrown = assertThrows(InvocationTargetException.class, () -> doAs(helper, () -> {
            throw new IllegalStateException("of the action");
        }));
        assertInstanceOf(IllegalStateException.class, thrown.getCause());
    }

    @Test
    void shouldImportBridgeWhenClassIsWoven() throws Exception {
        wovenHelper();
        assertEquals(List.of("dev.karst.compat.subject"), imports);
    }

    @Test
    void shouldLeaveClassAloneWhenItIsNotOfKaraf() throws Exception {
        byte[] original = bytesOf(SubjectWeaverTest.class);
        assertArrayEquals(original, weave("com.example.Other", original));
        assertEquals(List.of(), imports);
    }

    private static Object current(Class<?> helper) throws ReflectiveOperationException {
        return helper.getMethod("current").invoke(null);
    }

    private Object doAs(Class<?> helper, Callable<?> action) throws ReflectiveOperationException {
        PrivilegedAction<Object> privileged = () -> {
            try {
                return action.call();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        };
        return helper.getMethod("doAs", Subject.class, PrivilegedAction.class).invoke(null, subject, privileged);
    }

    private Class<?> wovenHelper() throws IOException {
        byte[] woven = weave(SubjectWeaver.HELPER, bytesOf(JaasHelper.class));
        return new ClassLoader(LOADER) {
            Class<?> define() {
                return defineClass(SubjectWeaver.HELPER, woven, 0, woven.length);
            }
        }.define();
    }

    private static byte[] bytesOf(Class<?> type) throws IOException {
        try (InputStream in = LOADER.getResourceAsStream(type.getName().replace('.', '/') + ".class")) {
            return in.readAllBytes();
        }
    }

    /** Gives the bytes after the hook has seen the class. */
    private byte[] weave(String className, byte[] original) {
        byte[][] bytes = {original};
        BundleWiring wiring = stub(BundleWiring.class, (method, argument) -> LOADER);
        new SubjectWeaver().weave(stub(WovenClass.class, (method, argument) -> switch (method) {
            case "getClassName" -> className;
            case "getBytes" -> bytes[0];
            case "setBytes" -> bytes[0] = (byte[]) argument;
            case "getBundleWiring" -> wiring;
            case "getDynamicImports" -> imports;
            default -> throw new AssertionError(method);
        }));
        return bytes[0];
    }

    private interface Answer {
        Object to(String method, Object argument);
    }

    private static <T> T stub(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(LOADER, new Class<?>[] {type}, (proxy, method, arguments) -> {
            Object result = answer.to(method.getName(), arguments == null ? null : arguments[0]);
            return method.getReturnType() == void.class ? null : result;
        }));
    }
}
