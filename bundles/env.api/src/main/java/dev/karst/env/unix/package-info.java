/**
 * What two processes of a machine share: {@link dev.karst.env.unix.UnixSocket}s that pass descriptors, memory that a {@link
 * dev.karst.env.unix.Descriptor} stands for, and {@link dev.karst.env.unix.Signal}s from one to the other.
 */
@Export
@Version("0.1.0")
package dev.karst.env.unix;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
