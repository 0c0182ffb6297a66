package dev.karst.nvmf.core.model;

import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvmf.ConnectCommand;
import dev.karst.spec.nvmf.ConnectData;
import dev.karst.spec.nvmf.Nqn;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * What a Connect command says.
 *
 * @param recfmt format
 * @param qid queue identifier
 * @param sqsize entries of the queue, less one
 * @param flowControl whether the host wants SQ flow control
 * @param katoMs Keep Alive timeout, milliseconds
 * @param hostId host identifier
 * @param cntlid controller identifier
 * @param subNqn name of the subsystem; null when it is no name
 * @param hostNqn name of the host; null when it is no name
 */
public record ConnectFields(
    int recfmt, int qid, int sqsize, boolean flowControl, long katoMs, UUID hostId, int cntlid, String subNqn,
    String hostNqn) {
    private static final int HALF = 32;

    public static ConnectFields read(long sqe, long data) {
        var hostId = ByteBuffer.wrap(ConnectData.HOSTID.get(data));
        return new ConnectFields(
            ConnectCommand.RECFMT.get(sqe), ConnectCommand.QID.get(sqe), ConnectCommand.SQSIZE.get(sqe),
            (ConnectCommand.CATTR.get(sqe) & ConnectCommand.CATTR_DISABLE_SQFC) == 0, ConnectCommand.KATO.get(sqe),
            new UUID(hostId.getLong(), hostId.getLong()), ConnectData.CNTLID.get(data),
            Nqn.parse(data + ConnectData.SUBNQN.offset()), Nqn.parse(data + ConnectData.HOSTNQN.offset()));
    }

    /** An outcome: Connect Invalid Parameters, at this offset of the command. */
    public static long invalid(int offset) {
        return (long) offset << HALF | NvmeStatus.CONNECT_INVALID_PARAMETERS;
    }

    /** An outcome: Connect Invalid Parameters, at this offset of the data. */
    public static long invalidData(int offset) {
        return invalid(ConnectCommand.IATTR_DATA | offset);
    }
}
