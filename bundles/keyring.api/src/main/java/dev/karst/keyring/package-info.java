/** Secrets under names: whoever needs one knows its name and reads it when it is needed. */
@Export
@Version("0.1.0")
package dev.karst.keyring;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
