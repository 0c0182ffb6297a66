package dev.karst.nvme.core.identify;

import dev.karst.base.StorageException;
import dev.karst.nvme.AdminCommand;
import dev.karst.nvme.Command;
import dev.karst.nvme.core.link.QueueCalls;
import dev.karst.spec.nvme.Sqe;

/** Does admin commands and reads their answers in place. Control threads; blocks. */
@FunctionalInterface
public interface Admin {
    /** Same errors as {@link dev.karst.nvme.NvmeController#admin}. */
    <T> T call(Command command, QueueCalls.Reader<T> reader) throws StorageException;

    /** Identify. */
    default <T> T identify(int cns, int nsid, int csi, QueueCalls.Reader<T> reader) throws StorageException {
        return call(AdminCommand.identify(nsid, cns, 0, csi), reader);
    }

    /** Get Log Page from its start, with Retain Asynchronous Event cleared. */
    default <T> T log(int page, int specific, int bytes, QueueCalls.Reader<T> reader) throws StorageException {
        return call(logPage(page, specific, bytes), reader);
    }

    /** Get Log Page of the whole controller, from its start. */
    static Command logPage(int page, int specific, int bytes) {
        return Command.logPage((int) Sqe.NSID_ALL, page, specific, 0, bytes);
    }
}
