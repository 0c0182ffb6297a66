package dev.karst.reactor.core;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The settings of configuration {@code dev.karst.reactor}. */
@ObjectClassDefinition(name = "Karst reactors", description = "One thread per processor that runs all I/O")
@interface ReactorSettings {
    /** Processors to bind a reactor to, one each; none for the default. Read when the bundle starts. */
    @AttributeDefinition(
        description = "Processors to bind a reactor to, such as 0,1; empty for the first two available. Read at start.")
    String[] processors() default {};

    /** What a reactor does when it has nothing to do. Changed live. */
    @AttributeDefinition(description = "What an idle reactor does: poll, adaptive or interrupt. Changed live.")
    String idle_policy() default "adaptive";

    /** For the adaptive policy. Changed live. */
    @AttributeDefinition(description = "How long an adaptive reactor asks before it sleeps, in microseconds. Changed live.")
    int spin_micros() default 100;
}
