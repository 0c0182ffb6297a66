/** The door to the kernel: system calls by number, and what failed calls are called for people. */
package dev.karst.env.linux.kernel;
