/** A weaving hook that points Karaf's use of the subject plumbing which the JDK dropped at {@code SubjectBridge}. */
package dev.karst.compat;
