package dev.karst.scsi.core;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The configuration {@code dev.karst.scsi}, read at start. */
@ObjectClassDefinition(name = "Karst SCSI devices", description = "Where persistent reservations are kept")
public @interface ScsiSettings {
    /** The folder in which persistent reservations are kept; a relative path starts at karst.data, else at karaf.data. */
    @AttributeDefinition(name = "Folder of reservations")
    String reservations_folder() default "scsi";
}
