package dev.karst.env.linux.kernel;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.HexFormat;

/**
 * A function of a few instructions that makes a system call, given its number and six arguments, and returns what the kernel
 * returns: a figure, or a negative error number.
 *
 * <p>libc's {@code syscall} puts the error number into errno. Reading that by a second call is wrong when a safepoint falls in
 * between, and the foreign function API's own way to catch it makes an object at each call wherever the compiler does not see
 * through it, which depends on what else the process does (JDK 25, {@code SharedUtils.checkCaptureSegment}).
 */
final class CallStub {
    private static final int BYTES = 4096;
    private static final int READ_WRITE = 3;
    private static final int READ_EXECUTE = 5;
    private static final int PRIVATE_ANONYMOUS = 0x22;

    /**
     * System V ABI x86-64, 3.2.3 and A.2.1: the arguments come in rdi, rsi, rdx, rcx, r8, r9 and on the stack; the kernel
     * takes the number in rax and the others in rdi, rsi, rdx, r10, r8 and r9, and answers in rax.
     */
    private static final String X86 = """
        4889f8      mov rax, rdi
        4889f7      mov rdi, rsi
        4889d6      mov rsi, rdx
        4889ca      mov rdx, rcx
        4d89c2      mov r10, r8
        4d89c8      mov r8, r9
        4c8b4c2408  mov r9, [rsp + 8]
        0f05        syscall
        c3          ret
        """;

    /** AAPCS64, 6.8.2: the arguments come in x0 to x6; the kernel takes the number in x8 and the others in x0 to x5. */
    private static final String AARCH64 = """
        e80300aa  mov x8, x0
        e00301aa  mov x0, x1
        e10302aa  mov x1, x2
        e20303aa  mov x2, x3
        e30304aa  mov x3, x4
        e40305aa  mov x4, x5
        e50306aa  mov x5, x6
        010000d4  svc #0
        c0035fd6  ret
        """;

    private static final FunctionDescriptor SHAPE = shape();
    private static final MemorySegment CODE = make();

    private CallStub() {}

    private static FunctionDescriptor shape() {
        var number = ValueLayout.JAVA_LONG;
        return FunctionDescriptor.of(number, number, number, number, number, number, number, number);
    }

    /** A handle of it: its number, six arguments, the result. */
    static MethodHandle link(Linker.Option... options) {
        return Linker.nativeLinker().downcallHandle(CODE, SHAPE, options);
    }

    /** Memory is never writable and executable at once. */
    private static MemorySegment make() {
        Linker linker = Linker.nativeLinker();
        MethodHandle libc = linker.downcallHandle(linker.defaultLookup().findOrThrow("syscall"), SHAPE);
        long number = Syscall.MMAP;
        try {
            long page = (long) libc.invokeExact(number, 0L, (long) BYTES, (long) READ_WRITE, (long) PRIVATE_ANONYMOUS, -1L, 0L);
            check(page);
            MemorySegment code = MemorySegment.ofAddress(page).reinterpret(BYTES);
            code.copyFrom(MemorySegment.ofArray(bytes(Syscall.X86 ? X86 : AARCH64)));
            number = Syscall.MPROTECT;
            check((long) libc.invokeExact(number, page, (long) BYTES, (long) READ_EXECUTE, 0L, 0L, 0L));
            return code;
        } catch (Throwable t) {
            throw new AssertionError("system calls cannot be made", t);
        }
    }

    private static void check(long result) {
        if (result == -1) {
            throw new AssertionError("the system gives no memory to put code in, as this JVM itself must have had");
        }
    }

    private static byte[] bytes(String code) {
        var digits = new StringBuilder();
        code.lines().forEach(line -> digits.append(line, 0, line.indexOf(' ')));
        return HexFormat.of().parseHex(digits);
    }
}
