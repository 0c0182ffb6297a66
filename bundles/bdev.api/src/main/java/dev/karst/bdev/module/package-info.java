/**
 * What a module implements to bring block devices of its kind: a {@link dev.karst.bdev.module.BdevModule} service that
 * makes {@link dev.karst.bdev.module.ModuleBdev} and registers them through the {@link dev.karst.bdev.module.BdevHost}
 * it is given. The smallest complete one is {@code bdev.passthru}; copy that.
 */
@Export
@Version("0.1.0")
package dev.karst.bdev.module;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
