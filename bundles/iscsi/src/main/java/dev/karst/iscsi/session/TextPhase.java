package dev.karst.iscsi.session;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.iscsi.login.TextKeys;
import dev.karst.iscsi.model.Addresses;
import dev.karst.iscsi.model.Catalogue;
import dev.karst.iscsi.model.Portal;
import dev.karst.iscsi.model.PortalGroup;
import dev.karst.iscsi.model.TargetNode;
import dev.karst.spec.iscsi.Bhs;
import dev.karst.spec.iscsi.Reject;
import dev.karst.spec.iscsi.TextRequest;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.util.Map;

/** Text requests: one at a time, over as many PDUs as it and its answer take. RFC 7143, 11.10 and 11.11, appendix C. */
@ReactorConfined
final class TextPhase {
    private static final int LARGEST = 8192;

    private final Connection connection;
    private final ByteArrayOutputStream asked = new ByteArrayOutputStream();
    private byte[] answer;
    private int answered;
    /** Of the request that goes on. */
    private int itt;
    private int tag = Bhs.NO_TAG;
    private int lastTag;

    TextPhase(Connection connection) {
        this.connection = connection;
    }

    void begin(Task task) {
        int claimed = (int) TextRequest.TTT.get(task.bhs());
        if (claimed == Bhs.NO_TAG) {
            reset();
        } else if (claimed != tag || task.itt != itt) {
            refuse(task, Reject.INVALID_PDU_FIELD);
            return;
        }
        itt = task.itt;
        boolean goesOn = (task.flags & TextRequest.C) != 0;
        boolean last = (task.flags & Bhs.FINAL) != 0;
        if (goesOn && last || task.fault != 0 || task.corrupt) {
            refuse(task, Reject.PROTOCOL_ERROR);
        } else if (answer != null) {
            sendPart(task, last);
        } else if (!take(task)) {
            refuse(task, Reject.PROTOCOL_ERROR);
        } else if (goesOn) {
            connection.answers().text(task, 0, newTag(), 0);
        } else {
            answerAll(task, last);
        }
    }

    private void reset() {
        asked.reset();
        answer = null;
        answered = 0;
        tag = Bhs.NO_TAG;
    }

    private int newTag() {
        lastTag = lastTag + 1 & Integer.MAX_VALUE;
        tag = lastTag;
        return tag;
    }

    private void refuse(Task task, int reason) {
        reset();
        connection.answers().reject(reason, task.bhs());
        connection.requests().drop(task);
    }

    private boolean take(Task task) {
        byte[] part = new byte[task.dataLength];
        if (part.length > 0) {
            Mem.get(task.space, part, 0, part.length);
        }
        asked.writeBytes(part);
        return asked.size() <= TextKeys.MAX_BYTES;
    }

    private void answerAll(Task task, boolean last) {
        Map<String, String> keys = TextKeys.parse(asked.toByteArray());
        if (keys == null) {
            refuse(task, Reject.PROTOCOL_ERROR);
            return;
        }
        var text = new TextKeys();
        keys.forEach((key, value) -> answer(key, value, text));
        answer = text.bytes();
        sendPart(task, last);
    }

    /** As much of the answer as fits a PDU. */
    private void sendPart(Task task, boolean last) {
        int length = Math.min(answer.length - answered, Math.min(LARGEST, connection.parameters().initiatorMaxRecv));
        Mem.put(task.space, answer, answered, length);
        answered += length;
        if (answered < answer.length) {
            connection.answers().text(task, TextRequest.C, newTag(), length);
        } else if (last) {
            connection.answers().text(task, Bhs.FINAL, Bhs.NO_TAG, length);
            reset();
        } else {
            answer = null;
            answered = 0;
            asked.reset();
            connection.answers().text(task, 0, newTag(), length);
        }
    }

    private void answer(String key, String value, TextKeys text) {
        if (!key.equals("SendTargets")) {
            text.add(key, "NotUnderstood");
        } else if (value.equals("All")) {
            connection.group().host().catalogue().nodes().values().forEach(node -> tell(node, text));
        } else {
            TargetNode own = connection.session().node();
            TargetNode node = value.isEmpty() ? own : connection.group().host().catalogue().nodes().get(value);
            if (node != null) {
                tell(node, text);
            } else if (!value.contains(".")) {
                text.add(key, "Reject");
            }
        }
    }

    /** Tells of a node if the initiator may use it. */
    private void tell(TargetNode node, TextKeys text) {
        Catalogue catalogue = connection.group().host().catalogue();
        InetAddress peer = Addresses.of(connection.peer());
        var groups = catalogue.shown(node, connection.session().initiator(), peer);
        if (groups.isEmpty()) {
            return;
        }
        text.add("TargetName", node.name());
        for (PortalGroup group : groups) {
            for (Portal portal : group.portals()) {
                text.add("TargetAddress", reachable(portal) + "," + group.tag());
            }
        }
    }

    /** Of a portal at all addresses the initiator is told the one that it came by. */
    private Portal reachable(Portal portal) {
        boolean all = Addresses.parse(portal.host()).isAnyLocalAddress();
        return all ? new Portal(Addresses.of(connection.local()).getHostAddress(), portal.port()) : portal;
    }
}
