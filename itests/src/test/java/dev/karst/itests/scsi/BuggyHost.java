package dev.karst.itests.scsi;

import java.io.IOException;

/** Passes commands on to Karst, and does one thing wrong. */
final class BuggyHost implements ScsiHost {
    private static final int WRITE_10 = 0x2a;
    private static final int OUT_OF_RANGE = 0x5_2100;
    private static final int UNKNOWN_OPERATION = 0x5_2000;

    /** What is done wrong. */
    enum Bug {
        /** A write that is answered and not done. */
        LOST_WRITE,
        /** A write that is done one block further on as well. */
        LONG_WRITE,
        /** A bit of what is read. */
        WRONG_DATA,
        /** Another reason of an error. */
        WRONG_SENSE,
        /** An error that is none. */
        NO_ERROR,
        /** A residual that is not told. */
        NO_RESIDUAL,
        /** A reservation that nobody is refused by. */
        NO_CONFLICT
    }

    private final ScsiHost host;
    private final Bug bug;

    BuggyHost(ScsiHost host, Bug bug) {
        this.host = host;
        this.bug = bug;
    }

    @Override
    public ScsiAnswer execute(ScsiCommand command) throws IOException {
        if (bug == Bug.LOST_WRITE && command.opcode() == WRITE_10 && command.sent().length > 0) {
            byte[] none = command.cdb().clone();
            none[7] = 0;
            none[8] = 0;
            ScsiAnswer answer = host.execute(new ScsiCommand(command.initiator(), command.lun(), none, command.sent(), 0));
            return answer.isGood() ? new ScsiAnswer(answer.status(), 0, 0, answer.data()) : answer;
        } else if (bug == Bug.LONG_WRITE && command.opcode() == WRITE_10 && command.cdb()[8] == 1) {
            byte[] next = command.cdb().clone();
            next[5]++;
            host.execute(new ScsiCommand(command.initiator(), command.lun(), next, command.sent(), 0));
        }
        return altered(command, host.execute(command));
    }

    private ScsiAnswer altered(ScsiCommand command, ScsiAnswer answer) {
        byte[] data = answer.data();
        return switch (bug) {
            case WRONG_DATA -> {
                if (command.opcode() == 0x28 && data.length > 0) {
                    data[data.length - 1] ^= 1;
                }
                yield answer;
            }
            case WRONG_SENSE -> answer.sense() == OUT_OF_RANGE
                ? new ScsiAnswer(answer.status(), UNKNOWN_OPERATION, answer.residual(), data) : answer;
            case NO_ERROR -> answer.sense() == OUT_OF_RANGE ? new ScsiAnswer(ScsiAnswer.GOOD, 0, 0, new byte[command.expected()]) : answer;
            case NO_RESIDUAL -> new ScsiAnswer(answer.status(), answer.sense(), 0, data);
            case NO_CONFLICT -> answer.status() == 0x18 ? new ScsiAnswer(ScsiAnswer.GOOD, 0, 0, new byte[command.expected()]) : answer;
            case LOST_WRITE, LONG_WRITE -> answer;
        };
    }
}
