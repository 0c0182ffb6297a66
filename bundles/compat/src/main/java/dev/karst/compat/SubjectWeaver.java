package dev.karst.compat;

import dev.karst.compat.subject.SubjectBridge;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.charset.StandardCharsets;
import org.osgi.framework.hooks.weaving.WeavingHook;
import org.osgi.framework.hooks.weaving.WovenClass;

/**
 * Rewrites two things in classes of Karaf and Felix EventAdmin: calls of {@code Subject.getSubject}, which throws since
 * JDK 24, and the bodies of {@code JaasHelper.doAs}, which bind the subject where nobody finds it any more. Karaf 4.5 does
 * so in its sources; then this bundle goes.
 */
final class SubjectWeaver implements WeavingHook {
    /** Karaf embeds it in several bundles. */
    static final String HELPER = "org.apache.karaf.util.jaas.JaasHelper";

    private static final ClassDesc SUBJECT = ClassDesc.of("javax.security.auth.Subject");
    private static final ClassDesc BRIDGE = ClassDesc.of(SubjectBridge.class.getName());
    private static final String GET = "getSubject";
    private static final MethodTypeDesc GET_TYPE = MethodTypeDesc.of(SUBJECT, ConstantDescs.CD_Object);
    private static final String DO_AS = "doAs";

    @Override
    public void weave(WovenClass woven) {
        byte[] original = woven.getBytes();
        if (isConcerned(woven.getClassName()) && mentionsSubject(original)) {
            woven.setBytes(rewrite(original, woven.getBundleWiring().getClassLoader()));
            woven.getDynamicImports().add(SubjectBridge.class.getPackageName());
        }
    }

    private static boolean isConcerned(String className) {
        return className.startsWith("org.apache.karaf.") || className.startsWith("org.apache.felix.eventadmin.");
    }

    /** A cheap look before the class is parsed: most have no such call. */
    private static boolean mentionsSubject(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1).contains(GET);
    }

    private static byte[] rewrite(byte[] original, ClassLoader loader) {
        ClassHierarchyResolver types =
            ClassHierarchyResolver.ofResourceParsing(loader).orElse(ClassHierarchyResolver.defaultResolver());
        ClassFile classFile = ClassFile.of(ClassHierarchyResolverOption.of(types));
        ClassModel parsed = classFile.parse(original);
        boolean helper = parsed.thisClass().matches(ClassDesc.of(HELPER));
        ClassTransform transform = (builder, element) -> {
            if (element instanceof MethodModel method) {
                boolean whole = helper && method.methodName().equalsString(DO_AS);
                builder.transformMethod(method, whole ? delegated(method) : redirected());
            } else {
                builder.with(element);
            }
        };
        return classFile.transformClass(parsed, transform);
    }

    /** The method, its body a call of the bridge. */
    private static MethodTransform delegated(MethodModel method) {
        MethodTypeDesc type = method.methodTypeSymbol();
        return (builder, element) -> {
            if (element instanceof CodeModel) {
                builder.withCode(code -> code.aload(0).aload(1).invokestatic(BRIDGE, DO_AS, type).areturn());
            } else {
                builder.with(element);
            }
        };
    }

    /** The method, its calls of {@code Subject.getSubject} calls of the bridge. */
    private static MethodTransform redirected() {
        return MethodTransform.transformingCode(SubjectWeaver::redirect);
    }

    private static void redirect(CodeBuilder code, CodeElement element) {
        if (element instanceof InvokeInstruction call && call.name().equalsString(GET) && call.owner().matches(SUBJECT)) {
            code.invokestatic(BRIDGE, GET, GET_TYPE);
        } else {
            code.with(element);
        }
    }
}
