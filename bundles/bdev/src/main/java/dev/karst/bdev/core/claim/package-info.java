/** The claims on a device, and who may write and claim while there are some. */
package dev.karst.bdev.core.claim;
