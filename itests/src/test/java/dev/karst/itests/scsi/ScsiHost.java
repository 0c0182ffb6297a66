package dev.karst.itests.scsi;

import java.io.IOException;

/** Who sends commands to a target. */
interface ScsiHost extends AutoCloseable {
    /** Executes a command. */
    ScsiAnswer execute(ScsiCommand command) throws IOException;

    @Override
    default void close() throws IOException {}
}
