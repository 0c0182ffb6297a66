/**
 * Block devices, as those see them who read and write: find one in the {@link dev.karst.bdev.BdevRegistry}, open a
 * {@link dev.karst.bdev.BdevDescriptor}, take one {@link dev.karst.bdev.BdevChannel} per reactor and submit {@link
 * dev.karst.bdev.BdevIo}. This is the data waist: everything below provides it, everything above uses it.
 */
@Export
@Version("0.1.0")
package dev.karst.bdev;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
