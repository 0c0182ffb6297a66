package dev.karst.iscsi.session;

import dev.karst.base.ReactorConfined;
import dev.karst.scsi.ScsiDevice;
import dev.karst.scsi.ScsiNexus.Management;
import dev.karst.spec.iscsi.Bhs;
import dev.karst.spec.iscsi.TaskRequest;
import dev.karst.spec.iscsi.TaskResponse;

/**
 * Task management functions: commands that the device does not have yet are ended here, the device ends the others. RFC 7143, 11.5 and
 * 11.6.
 */
@ReactorConfined
final class TaskManagement {
    private final Connection connection;
    private final Session session;

    TaskManagement(Connection connection) {
        this.connection = connection;
        session = connection.session();
    }

    void begin(Task task) {
        switch (task.flags & TaskRequest.FUNCTION_MASK) {
            case TaskRequest.ABORT_TASK -> abortTask(task);
            case TaskRequest.ABORT_TASK_SET -> ofUnit(task, Management.ABORT_TASK_SET);
            case TaskRequest.CLEAR_ACA -> manage(task, Management.CLEAR_ACA, null);
            case TaskRequest.CLEAR_TASK_SET -> ofUnit(task, Management.CLEAR_TASK_SET);
            case TaskRequest.LOGICAL_UNIT_RESET -> ofUnit(task, Management.LOGICAL_UNIT_RESET);
            case TaskRequest.TARGET_WARM_RESET -> {
                session.connections().forEach(each -> each.requests().abortWaiting(-1, false));
                manage(task, Management.TARGET_RESET, null);
            }
            // It would end the sessions of others: nobody has the right to.
            case TaskRequest.TARGET_COLD_RESET -> answer(task, TaskResponse.REJECTED);
            case TaskRequest.TASK_REASSIGN -> answer(task, TaskResponse.REASSIGNMENT_NOT_SUPPORTED);
            default -> answer(task, TaskResponse.NOT_SUPPORTED);
        }
    }

    private void answer(Task task, int response) {
        if (connection.isEnding()) {
            connection.requests().drop(task);
        } else {
            connection.answers().taskResponse(task, response);
        }
    }

    private void manage(Task task, Management function, Task meant) {
        connection.requests().executes();
        session.nexus().manage(function, task.lun, meant, response -> {
            connection.requests().cameBack();
            answer(task, response);
            connection.releaseIfAlone();
        });
    }

    private void ofUnit(Task task, Management function) {
        int lun = ScsiDevice.number(task.lun);
        if (lun >= 0) {
            session.abortWaiting(lun, false);
        }
        manage(task, function, null);
    }

    private void abortTask(Task task) {
        Task meant = session.byItt((int) TaskRequest.REFERENCED_TAG.get(task.bhs()));
        if (meant == null || meant.opcode != Bhs.SCSI_COMMAND || meant.lun != task.lun) {
            answer(task, abortUnknown(task));
            return;
        }
        switch (meant.state) {
            case EXECUTING -> manage(task, Management.ABORT_TASK, meant);
            case WAITING, AWAITING_DATA -> {
                meant.connection().requests().abortWaiting(meant, false);
                answer(task, TaskResponse.COMPLETE);
            }
            case HELD -> {
                session.window().skip(meant.cmdSn);
                meant.connection().requests().drop(meant);
                answer(task, TaskResponse.COMPLETE);
                session.advance();
            }
            case FREE, RECEIVING, RESPONDING -> answer(task, TaskResponse.NO_TASK);
        }
    }

    /** RFC 7143, 11.6.1: a command that has not come is taken as aborted if it came before the function. */
    private int abortUnknown(Task task) {
        int number = (int) TaskRequest.REFCMDSN.get(task.bhs());
        boolean expected = number - task.cmdSn < 0 && session.window().admits(number);
        if (!expected) {
            return TaskResponse.NO_TASK;
        }
        session.window().skip(number);
        session.advance();
        return TaskResponse.COMPLETE;
    }
}
