package dev.karst.iscsi.session;

import dev.karst.base.Mem;
import dev.karst.base.ReactorConfined;
import dev.karst.iscsi.login.Login;
import dev.karst.iscsi.login.LoginPdu;
import dev.karst.iscsi.login.Parameters;
import dev.karst.iscsi.login.Step;
import dev.karst.iscsi.model.Addresses;
import dev.karst.iscsi.model.Catalogue;
import dev.karst.reactor.Reactor;
import dev.karst.spec.iscsi.Bhs;
import dev.karst.spec.iscsi.LoginRequest;
import dev.karst.spec.iscsi.LoginResponse;
import dev.karst.spec.iscsi.LoginStatus;

/** The login of a connection: its PDUs, and what a {@link Login} wants to be done. RFC 7143, 11.12 and 11.13. */
@ReactorConfined
final class LoginPhase {
    /** Most bytes of text in one PDU. */
    static final int MAX_TEXT = Parameters.USUAL_MAX_RECV;
    /** Room for text in, and for a header, text and padding out. */
    static final int MEMORY_BYTES = 2 * MAX_TEXT + 128;

    private static final int HEADER_ROOM = 64;

    private final Connection connection;
    private final long memory;
    private Login login;
    /** The request that is being answered. */
    private LoginPdu request;
    private int textBytes;
    private int cmdSn;
    /** Whether an answer is being made, which takes a while. */
    private boolean isBusy;
    private Step.Answer lastAnswer;

    LoginPhase(Connection connection, long memory) {
        this.connection = connection;
        this.memory = memory;
    }

    /** The same login at another connection. */
    LoginPhase movedTo(Connection other, long itsMemory) {
        LoginPhase moved = new LoginPhase(other, itsMemory);
        moved.login = login;
        moved.request = request;
        moved.cmdSn = cmdSn;
        moved.isBusy = true;
        moved.lastAnswer = lastAnswer;
        other.answers().statSn(connection.answers().statSn());
        return moved;
    }

    String initiator() {
        return login == null ? null : login.initiator();
    }

    int cid() {
        return login.cid();
    }

    Parameters parameters() {
        return login.parameters();
    }

    /** A request has come; its text comes next. */
    void header(long pdu, int dataLength) {
        if (isBusy) {
            connection.breach("a login request before the last was answered");
            return;
        }
        request = LoginPdu.at(pdu);
        textBytes = dataLength;
        if (login == null) {
            cmdSn = (int) LoginRequest.CMDSN.get(pdu);
            login = new Login(connection.group().host().loginHost(connection.portalGroup(), Addresses.of(connection.peer())));
        }
        if (dataLength > 0) {
            connection.receiver().target(memory);
        } else {
            textEnded();
        }
    }

    /** All of the request is there. */
    void textEnded() {
        byte[] text = new byte[textBytes];
        if (textBytes > 0) {
            Mem.get(memory, text, 0, textBytes);
        }
        step(login.request(request, text));
    }

    private void step(Step step) {
        switch (step) {
            case Step.Answer answer -> respond(answer.flags(), LoginStatus.SUCCESS, answer.text());
            case Step.Refuse refuse -> refuse(refuse.status(), refuse.text());
            case Step.Check check -> check(check);
            case Step.Admit admit -> admit(admit.answer());
        }
    }

    private void refuse(int status, byte[] text) {
        connection.group().counters().loginFailures++;
        connection.group().log().loginFailed(connection, status);
        respond(request.stages(), status, text);
        connection.closeSoon();
    }

    /** Secrets are read from files. */
    private void check(Step.Check check) {
        isBusy = true;
        Reactor reactor = connection.group().reactor();
        connection.group().host().environment().threads().background().execute(() -> {
            byte[] answers = check.check().get();
            reactor.execute(() -> {
                isBusy = false;
                if (!connection.isEnding()) {
                    step(login.checked(answers));
                }
            });
        });
    }

    private void admit(Step.Answer answer) {
        isBusy = true;
        lastAnswer = answer;
        Catalogue catalogue = login.catalogue();
        if (login.tsih() == 0) {
            Session session = new Session(connection.group(), login, cmdSn);
            connection.belongsTo(session);
            if (!session.begin(connection, catalogue.options().maxSessions())) {
                connection.belongsTo(null);
                refuse(LoginStatus.OUT_OF_RESOURCES, new byte[0]);
            }
            return;
        }
        Session session = connection.group().host().sessions().byTsih(login.tsih());
        if (session == null || !session.isOf(login)) {
            refuse(LoginStatus.NO_SESSION, new byte[0]);
        } else if (session.group() == connection.group()) {
            join(session);
        } else {
            moveTo(session);
        }
    }

    /** All connections of a session are on one reactor. */
    private void moveTo(Session session) {
        if (!connection.move()) {
            connection.breach("bytes have come behind the last login request");
            return;
        }
        Group there = session.group();
        there.reactor().execute(() -> {
            Connection moved = there.make(connection.socket(), connection.portalGroup());
            if (moved != null) {
                moved.goOn(this);
                moved.start();
                moved.login().join(session);
            }
        });
    }

    /** One more connection of a session, or one in place of another with the same identifier. */
    private void join(Session session) {
        Connection before = session.byCid(login.cid());
        if (before != null) {
            before.replace(() -> join(session));
            return;
        }
        int status = connection.isEnding() ? LoginStatus.SUCCESS : session.join(connection);
        if (status != LoginStatus.SUCCESS) {
            refuse(status, new byte[0]);
        }
        session.endIfEmpty();
    }

    /** The session has begun: the last answer. */
    void finish() {
        respond(lastAnswer.flags(), LoginStatus.SUCCESS, lastAnswer.text());
    }

    private void respond(int flags, int status, byte[] text) {
        long pdu = memory + MAX_TEXT;
        Answers.begin(pdu, Bhs.LOGIN_RESPONSE, flags, text.length);
        for (int i = 0; i < LoginResponse.ISID.bytes(); i++) {
            Mem.setByte(LoginResponse.ISID.at(pdu) + i, (byte) (request.isid() >>> 8 * (LoginResponse.ISID.bytes() - 1 - i)));
        }
        Session session = connection.session();
        boolean isLast = session != null && lastAnswer != null && status == LoginStatus.SUCCESS;
        LoginResponse.TSIH.set(pdu, isLast ? session.tsih() : request.tsih());
        LoginResponse.ITT.set(pdu, request.itt());
        LoginResponse.STATSN.set(pdu, connection.answers().nextStatSn());
        LoginResponse.EXPCMDSN.set(pdu, isLast ? session.window().expCmdSn() : cmdSn);
        LoginResponse.MAXCMDSN.set(pdu, isLast ? session.window().maxCmdSn() : cmdSn);
        LoginResponse.STATUS.set(pdu, status);
        connection.answers().sendHeader(pdu, null);
        if (text.length > 0) {
            long data = pdu + HEADER_ROOM;
            Mem.put(data, text, 0, text.length);
            connection.answers().sendDataSegment(data, text.length, data + text.length, null);
        }
    }
}
