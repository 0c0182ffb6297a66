package dev.karst.itests;

import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.rpc.RpcMethods;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Makes other versions of the bundles of the distribution, good ones and broken ones. */
final class ModuleJars {
    /** What may be wrong with a version. */
    enum Fault {
        NONE,
        /** It imports a package that nobody exports. */
        DOES_NOT_RESOLVE,
        /** Its component throws. */
        THROWS,
        /** It has no component. */
        BRINGS_NO_MODULE,
        /** Its module brings no device back. */
        RESTORES_NOTHING
    }

    private final Path folder;

    ModuleJars(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    /**
     * Writes a jar.
     *
     * @param module as in {@code dev.karst.bdev.malloc}
     * @param componentClass the class of its component, with its package
     * @param mark what tells its content from that of others
     */
    Path make(String module, String componentClass, Fault fault, String mark) throws IOException {
        Path made = folder.resolve(module + "-" + fault + "-" + mark + ".jar");
        try (JarFile jar = new JarFile(original(module).toFile());
            OutputStream file = Files.newOutputStream(made);
            JarOutputStream out = new JarOutputStream(file, manifest(jar.getManifest(), fault))) {
            for (JarEntry entry : jar.stream().filter(entry -> !entry.getName().equals(JarFile.MANIFEST_NAME)).toList()) {
                out.putNextEntry(new JarEntry(entry.getName()));
                try (InputStream in = jar.getInputStream(entry)) {
                    boolean replaced = entry.getName().equals(componentClass.replace('.', '/') + ".class")
                        && (fault == Fault.THROWS || fault == Fault.RESTORES_NOTHING);
                    String name = module.substring(module.lastIndexOf('.') + 1);
                    out.write(replaced ? module(componentClass, name, fault) : in.readAllBytes());
                }
                out.closeEntry();
            }
            out.putNextEntry(new JarEntry("mark"));
            out.write(mark.getBytes(StandardCharsets.UTF_8));
            out.closeEntry();
        }
        return made;
    }

    private static Path original(String module) throws IOException {
        Path versions = KarstInstance.DISTRIBUTION.resolve("system/dev/karst").resolve(module);
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(versions.resolve("0.1.0-SNAPSHOT"), "*.jar")) {
            return jars.iterator().next();
        }
    }

    private static Manifest manifest(Manifest original, Fault fault) {
        Manifest manifest = new Manifest(original);
        if (fault == Fault.DOES_NOT_RESOLVE) {
            String imports = manifest.getMainAttributes().getValue("Import-Package");
            manifest.getMainAttributes().putValue("Import-Package", imports + ",no.such.thing");
        }
        if (fault == Fault.BRINGS_NO_MODULE) {
            manifest.getMainAttributes().remove(new Attributes.Name("Service-Component"));
        }
        return manifest;
    }

    /** A module of that name that does nothing, or cannot even be made. */
    private static byte[] module(String className, String name, Fault fault) {
        ClassDesc list = desc(List.class);
        return ClassFile.of().build(ClassDesc.of(className), made -> {
            made.withFlags(ClassFile.ACC_PUBLIC | ClassFile.ACC_SUPER);
            made.withInterfaceSymbols(desc(BdevModule.class), desc(RpcMethods.class));
            made.withMethodBody(ConstantDescs.INIT_NAME, ConstantDescs.MTD_void, ClassFile.ACC_PUBLIC,
                code -> constructor(code, fault));
            method(made, "name", MethodTypeDesc.of(ConstantDescs.CD_String), code -> code.loadConstant(name).areturn());
            method(made, "methods", MethodTypeDesc.of(list), code ->
                code.invokestatic(list, "of", MethodTypeDesc.of(list), true).areturn());
            method(made, "start", MethodTypeDesc.of(ConstantDescs.CD_void, desc(BdevHost.class)), CodeBuilder::return_);
            method(made, "stop", ConstantDescs.MTD_void, CodeBuilder::return_);
            method(made, "restore", MethodTypeDesc.of(ConstantDescs.CD_void, desc(CreationRecord.class)), CodeBuilder::return_);
        });
    }

    private static void method(ClassBuilder made, String name, MethodTypeDesc type, Consumer<CodeBuilder> code) {
        made.withMethodBody(name, type, ClassFile.ACC_PUBLIC, code);
    }

    private static void constructor(CodeBuilder code, Fault fault) {
        code.aload(0).invokespecial(ConstantDescs.CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void);
        if (fault == Fault.THROWS) {
            ClassDesc thrown = desc(IllegalStateException.class);
            code.new_(thrown).dup().loadConstant("worn out")
                .invokespecial(thrown, ConstantDescs.INIT_NAME, MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String))
                .athrow();
        } else {
            code.return_();
        }
    }

    private static ClassDesc desc(Class<?> type) {
        return ClassDesc.of(type.getName());
    }
}
