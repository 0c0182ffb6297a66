package dev.karst.env.linux.unix;

import dev.karst.base.Mem;
import dev.karst.env.linux.kernel.Kernel;
import dev.karst.env.linux.kernel.Syscall;
import dev.karst.env.unix.Descriptor;
import dev.karst.env.unix.UnixSocket;
import java.util.List;

/**
 * struct msghdr in the scratch, with one struct iovec and one control message. include/linux/socket.h, unix(7)
 *
 * <pre>
 *   0 msghdr    64 iovec    128 control: cmsghdr (16 bytes), descriptors (4 bytes each)
 * </pre>
 */
final class Message {
    private static final int IOV = 16;
    private static final int IOVLEN = 24;
    private static final int CONTROL = 32;
    private static final int CONTROLLEN = 40;
    private static final int FLAGS = 48;
    private static final int IOVEC_AT = 64;
    private static final int CONTROL_AT = 128;
    private static final int CMSG_LEVEL = 8;
    private static final int CMSG_TYPE = 12;
    private static final int CMSG_DATA = 16;

    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_CTRUNC = 0x8;
    /** Also where the other process has let the socket block, which is its own, too. */
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;

    private Message() {}

    /** Sends what goes at once, with the descriptors; as sendmsg(2) returns. */
    static long send(Kernel kernel, int fd, long address, int length, int[] descriptors) {
        int bytes = CMSG_DATA + descriptors.length * Integer.BYTES;
        write(kernel.scratch, address, length, descriptors.length == 0 ? 0 : bytes);
        long control = kernel.scratch + CONTROL_AT;
        Mem.setLong(control, bytes);
        Mem.setInt(control + CMSG_LEVEL, SOL_SOCKET);
        Mem.setInt(control + CMSG_TYPE, SCM_RIGHTS);
        for (int i = 0; i < descriptors.length; i++) {
            Mem.setInt(control + CMSG_DATA + i * Integer.BYTES, descriptors[i]);
        }
        return kernel.call(Syscall.SENDMSG, fd, kernel.scratch, MSG_NOSIGNAL | MSG_DONTWAIT);
    }

    /** Receives what is there, and adds the descriptors; as recvmsg(2) returns. */
    static long receive(Kernel kernel, int fd, long address, int length, List<Descriptor> descriptors) {
        write(kernel.scratch, address, length, CMSG_DATA + UnixSocket.MOST_DESCRIPTORS * Integer.BYTES);
        long result = kernel.call(Syscall.RECVMSG, fd, kernel.scratch, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
        long control = kernel.scratch + CONTROL_AT;
        boolean rights = result >= 0 && Mem.getLong(kernel.scratch + CONTROLLEN) > CMSG_DATA
            && Mem.getInt(control + CMSG_LEVEL) == SOL_SOCKET && Mem.getInt(control + CMSG_TYPE) == SCM_RIGHTS;
        long end = rights ? Mem.getLong(control) : 0;
        for (long at = CMSG_DATA; at < end; at += Integer.BYTES) {
            descriptors.add(new HeldDescriptor(Mem.getInt(control + at)));
        }
        return result;
    }

    /** Whether more descriptors came with the last message than there was room for. */
    static boolean isCut(Kernel kernel) {
        return (Mem.getInt(kernel.scratch + FLAGS) & MSG_CTRUNC) != 0;
    }

    private static void write(long at, long address, int length, int controlBytes) {
        Mem.fill(at, CONTROL_AT, (byte) 0);
        Mem.setLong(at + IOV, at + IOVEC_AT);
        Mem.setLong(at + IOVLEN, 1);
        Mem.setLong(at + IOVEC_AT, address);
        Mem.setLong(at + IOVEC_AT + Long.BYTES, length);
        Mem.setLong(at + CONTROL, controlBytes == 0 ? 0 : at + CONTROL_AT);
        Mem.setLong(at + CONTROLLEN, controlBytes);
    }
}
