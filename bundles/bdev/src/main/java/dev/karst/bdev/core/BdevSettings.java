package dev.karst.bdev.core;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** The configuration {@code dev.karst.bdev}; takes effect at once, for channels that are opened from then on. */
@ObjectClassDefinition(name = "Karst block layer", description = "Time-outs and limits of the block layer")
public @interface BdevSettings {
    /** How long a device waits for its module to come back before it is removed, in milliseconds. */
    @AttributeDefinition(name = "Park time-out", min = "1", max = "3600000")
    long park_timeout_ms() default 10_000;

    /** How long I/O in flight may take to run out when a device goes, in milliseconds; it is aborted at half of it. */
    @AttributeDefinition(name = "Drain time-out", min = "2", max = "600000")
    long drain_timeout_ms() default 2_000;

    /** How many I/Os one channel holds, waiting ones included; more are refused until one has ended. */
    @AttributeDefinition(name = "I/O depth per channel", min = "1", max = "65536")
    int io_depth_per_channel() default 4096;

    /** How long an I/O may take whose owner does not watch it, in milliseconds; 0 for any time. */
    @AttributeDefinition(name = "I/O time-out", min = "0", max = "86400000")
    long io_timeout_ms() default 0;

    /** What is done with an I/O that takes longer; it is logged in any case. */
    @AttributeDefinition(name = "At an I/O time-out", options = {
        @Option(label = "log", value = "log"), @Option(label = "abort", value = "abort"),
        @Option(label = "reset", value = "reset")})
    String io_timeout_action() default "log";

    /** So many faults of a module (exceptions, I/O ended twice) in the window fence all its devices; 0 for never. */
    @AttributeDefinition(name = "Faults that fence a module", min = "0", max = "1000000")
    int fence_faults() default 16;

    /** In what time a module's faults are counted, in milliseconds. */
    @AttributeDefinition(name = "Window of faults", min = "1", max = "86400000")
    long fence_window_ms() default 60_000;

    /**
     * How long a module may hold an I/O before it is asked to end it, in milliseconds; a quarter later its device is fenced. 0 for
     * any time.
     */
    @AttributeDefinition(name = "Time that a module may hold I/O", min = "0", max = "86400000")
    long fence_held_ms() default 120_000;
}
