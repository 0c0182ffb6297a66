package dev.karst.itests.architecture;

import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.constant.ClassDesc;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a bundle's classes may hold. */
final class ClassRules {
    private static final Set<String> FOREIGN = Set.of("java/lang/foreign/Linker", "java/lang/foreign/SymbolLookup");
    private static final Set<String> FOREIGN_BUNDLES = Set.of("env.linux", "bdev.rbd");
    private static final Set<String> UNSAFE = Set.of("sun/misc/Unsafe", "jdk/internal/misc/Unsafe");
    private static final String STRUCT = "dev/karst/base/Struct";

    private ClassRules() {}

    /** Foreign functions outside env.linux, Unsafe anywhere. */
    static List<String> forbiddenTypes(Module module) {
        List<String> found = new ArrayList<>();
        for (ClassModel type : module.classes()) {
            for (String used : usedTypes(type)) {
                boolean foreign = FOREIGN.contains(used) && !FOREIGN_BUNDLES.contains(module.name());
                if (foreign || UNSAFE.contains(used)) {
                    found.add(name(type) + " in " + module.name() + " uses " + used);
                }
            }
        }
        return found;
    }

    /** JNI. */
    static List<String> nativeMethods(Module module) {
        List<String> found = new ArrayList<>();
        for (ClassModel type : module.classes()) {
            for (MethodModel method : type.methods()) {
                if (method.flags().has(AccessFlag.NATIVE)) {
                    found.add(name(type) + "#" + method.methodName() + " is native");
                }
            }
        }
        return found;
    }

    /** Fields of figures that the JIT cannot fold: those that are not static final, or whose type is no record of Struct. */
    static List<String> layoutFields(Module module) {
        List<String> found = new ArrayList<>();
        for (ClassModel type : module.classes()) {
            boolean figure = type.superclass().map(parent -> parent.asInternalName().equals(STRUCT)).orElse(false);
            for (FieldModel field : figure ? type.fields() : List.<FieldModel>of()) {
                boolean constant = field.flags().has(AccessFlag.STATIC) && field.flags().has(AccessFlag.FINAL);
                if (!constant || !isValue(field.fieldTypeSymbol())) {
                    found.add(name(type) + "." + field.fieldName() + " is not a static final record, number or text");
                }
            }
        }
        return found;
    }

    private static boolean isValue(ClassDesc type) {
        String descriptor = type.descriptorString();
        return type.isPrimitive() || descriptor.equals("Ljava/lang/String;") || descriptor.startsWith("L" + STRUCT + "$");
    }

    /** Internal names of the types that a class mentions in its code. */
    static Set<String> usedTypes(ClassModel type) {
        Set<String> used = new TreeSet<>();
        for (PoolEntry entry : type.constantPool()) {
            if (entry instanceof ClassEntry named && !named.asInternalName().startsWith("[")) {
                used.add(named.asInternalName());
            }
        }
        return used;
    }

    static String name(ClassModel type) {
        return type.thisClass().asInternalName().replace('/', '.');
    }
}
