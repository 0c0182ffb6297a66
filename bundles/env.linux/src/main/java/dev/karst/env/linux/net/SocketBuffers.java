package dev.karst.env.linux.net;

/**
 * How much of the kernel's memory a socket may have.
 *
 * @param receiveBytes for what came and was not read, 0 for as much as the kernel finds right
 * @param sendBytes for what was written and is not acknowledged, likewise
 */
public record SocketBuffers(int receiveBytes, int sendBytes) {
    /** As the kernel finds right: the default. */
    public static final SocketBuffers BY_KERNEL = new SocketBuffers(0, 0);
}
