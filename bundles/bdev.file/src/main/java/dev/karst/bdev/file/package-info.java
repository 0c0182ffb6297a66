/**
 * Block devices on files and on the kernel's block devices, through the reactor's ring. I/O goes past the page cache
 * where the file system allows, so what a FLUSH has acknowledged is on the medium. SPDK has this twice, as AIO and as
 * io_uring; here both names make the same device.
 */
package dev.karst.bdev.file;
