/**
 * The environment on Linux. Everything that the stack asks of the kernel goes through one function, {@code syscall(2)},
 * in {@link dev.karst.env.linux.kernel}; the other packages are memory, waiting, files and sockets.
 */
package dev.karst.env.linux;
