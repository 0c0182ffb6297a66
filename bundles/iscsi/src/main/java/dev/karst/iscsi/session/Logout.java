package dev.karst.iscsi.session;

import dev.karst.base.ReactorConfined;
import dev.karst.spec.iscsi.LogoutRequest;
import dev.karst.spec.iscsi.LogoutResponse;
import dev.karst.spec.iscsi.Reject;
import java.util.List;

/** Logout requests. RFC 7143, 11.14 and 11.15. */
@ReactorConfined
final class Logout {
    private Logout() {}

    static void begin(Connection connection, Task task) {
        int cid = LogoutRequest.CID.get(task.bhs());
        Session session = connection.session();
        switch (task.flags & LogoutRequest.REASON_MASK) {
            case LogoutRequest.CLOSE_SESSION -> {
                for (Connection other : List.copyOf(session.connections())) {
                    if (other != connection) {
                        other.closeSoon();
                    }
                }
                leave(connection, task);
            }
            case LogoutRequest.CLOSE_CONNECTION -> {
                Connection other = session.byCid(cid);
                if (other == connection) {
                    leave(connection, task);
                } else if (other == null) {
                    connection.answers().logout(task, LogoutResponse.NO_CID);
                } else {
                    other.closeSoon();
                    connection.answers().logout(task, LogoutResponse.CLOSED);
                }
            }
            case LogoutRequest.FOR_RECOVERY -> connection.answers().logout(task, LogoutResponse.NO_RECOVERY);
            default -> {
                connection.answers().reject(Reject.INVALID_PDU_FIELD, task.bhs());
                connection.requests().drop(task);
            }
        }
    }

    private static void leave(Connection connection, Task task) {
        connection.answers().logout(task, LogoutResponse.CLOSED);
        connection.closeSoon();
    }
}
