/** What woven classes call instead of the {@code javax.security.auth.Subject} methods that JDK 24 disabled (JEP 486). */
@Export
@Version("1.0.0")
package dev.karst.compat.subject;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
