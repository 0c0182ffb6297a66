package dev.karst.base;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a class whose methods run on one reactor only and lie on the I/O path: it takes no lock, throws no new exception,
 * boxes nothing, streams nothing, logs nothing above trace and never touches OSGi.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface ReactorConfined {}
