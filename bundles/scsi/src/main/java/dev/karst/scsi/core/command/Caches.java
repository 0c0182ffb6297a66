package dev.karst.scsi.core.command;

import dev.karst.base.ReactorConfined;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.Operation;
import java.util.List;

/**
 * SYNCHRONIZE CACHE, and PRE-FETCH, which fetches nothing since nothing is kept here. A command that need not wait waits all the
 * same. SBC-4, 5.33, 5.34, 5.12 and 5.13.
 */
@ReactorConfined
final class Caches {
    private Caches() {}

    static List<Operation> operations() {
        return List.of(
            Operation.of("35 02 ff ff ff ff 3f ff ff 00", Operation.WRITE, Caches::synchronize),
            Operation.of("91 02 ff ff ff ff ff ff ff ff ff ff ff ff 3f 00", Operation.WRITE, Caches::synchronize),
            Operation.of("34 02 ff ff ff ff 3f ff ff 00", Operation.READ, Caches::prefetch),
            Operation.of("90 02 ff ff ff ff ff ff ff ff ff ff ff ff 3f 00", Operation.READ, Caches::prefetch));
    }

    private static void synchronize(Command command) {
        if (!Ranges.take(command, Ranges.blocks(command.cdb()))) {
            return;
        }
        if (command.channel().volatileCache) {
            Outcome.flush(command, null);
        } else {
            command.succeed();
        }
    }

    private static void prefetch(Command command) {
        if (Ranges.take(command, Ranges.blocks(command.cdb()))) {
            command.succeed();
        }
    }
}
