/** What happened to block devices, kept for clients that come and ask. */
package dev.karst.bdev.core.notice;
