package dev.karst.vhost;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The configuration {@code dev.karst.vhost}; takes effect for controllers that are made from then on. */
@ObjectClassDefinition(name = "Karst vhost-user target", description = "Where controllers are, and what memory they take")
public @interface VhostSettings {
    /** The folder of the controllers' sockets; a relative path starts at karst.data, else at karaf.data. */
    @AttributeDefinition(name = "Socket folder")
    String socket_folder() default "vhost";

    /** Whether guests' memory may lie in files that can be made shorter; if one is, its device breaks, or its I/O. */
    @AttributeDefinition(name = "Allow unsealed memory")
    boolean allow_unsealed_memory() default false;
}
