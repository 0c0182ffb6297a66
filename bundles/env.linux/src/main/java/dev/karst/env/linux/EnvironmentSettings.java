package dev.karst.env.linux;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Settings of the environment, in etc/dev.karst.env.cfg. */
@ObjectClassDefinition(name = "Karst environment")
public @interface EnvironmentSettings {
    @AttributeDefinition(name = "Memory cap",
        description = "Most MiB of memory for data; 0 is three quarters of what is available at the start. "
            + "It may change while running")
    long memory_cap_mib() default 0;

    @AttributeDefinition(name = "Shared memory",
        description = "Whether memory for data can be given to other processes to map, as vfio-user and vhost-user need. "
            + "It counts when the component starts")
    boolean memory_shared() default false;

    @AttributeDefinition(name = "io_uring",
        description = "Whether files are read and written by io_uring where the kernel allows; else by helper threads")
    boolean io_uring() default true;
}
