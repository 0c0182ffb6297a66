/**
 * Files and block devices, and the two rings that move their data: io_uring, and helper threads where that is
 * forbidden.
 */
package dev.karst.env.linux.file;
