package dev.karst.env.linux.unix;

import dev.karst.base.Errno;
import dev.karst.base.Mem;
import dev.karst.base.StorageException;
import dev.karst.env.linux.kernel.Failure;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** struct sockaddr_un. include/uapi/linux/un.h */
final class UnixAddress {
    static final int AF_UNIX = 1;

    private static final int PATH = 2;
    private static final int PATH_BYTES = 108;

    private final byte[] name;

    private UnixAddress(byte[] name) {
        this.name = name;
    }

    static UnixAddress of(Path path) throws StorageException {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length >= PATH_BYTES) {
            throw Failure.refused(Errno.ENAMETOOLONG, "use socket " + path,
                "its path has " + name.length + " bytes, the most is " + (PATH_BYTES - 1));
        }
        return new UnixAddress(Arrays.copyOf(name, name.length + 1));
    }

    /** Writes it to {@code at}; returns its length. */
    int write(long at) {
        Mem.setShort(at, (short) AF_UNIX);
        Mem.put(at + PATH, name, 0, name.length);
        return PATH + name.length;
    }
}
