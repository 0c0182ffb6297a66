package dev.karst.scsi.core.command;

import dev.karst.base.ReactorConfined;
import dev.karst.scsi.core.model.Command;
import dev.karst.scsi.core.model.Operation;
import java.util.List;

/** SYNCHRONIZE CACHE. A command that need not wait waits all the same. SBC-4, 5.33 and 5.34. */
@ReactorConfined
final class Caches {
    private Caches() {}

    static List<Operation> operations() {
        return List.of(
            Operation.of("35 02 ff ff ff ff 3f ff ff 00", Operation.WRITE, Caches::synchronize),
            Operation.of("91 02 ff ff ff ff ff ff ff ff ff ff ff ff 3f 00", Operation.WRITE, Caches::synchronize));
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
}
