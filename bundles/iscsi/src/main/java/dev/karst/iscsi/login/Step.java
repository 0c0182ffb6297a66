package dev.karst.iscsi.login;

import java.util.function.Supplier;

/** What a login wants to be done next. */
public sealed interface Step {
    /**
     * The initiator is answered.
     *
     * @param flags T, CSG and NSG, as the answer has them
     * @param text keys
     */
    record Answer(int flags, byte[] text) implements Step {}

    /**
     * The login ends.
     *
     * @param status of the answer
     * @param text keys
     */
    record Refuse(int status, byte[] text) implements Step {
        Refuse(int status) {
            this(status, new byte[0]);
        }
    }

    /**
     * What takes secrets is checked on a control thread; what comes of it is taken to {@link Login#checked}.
     *
     * @param check gives keys for the initiator, or null when it is not who it says
     */
    record Check(Supplier<byte[]> check) implements Step {}

    /** All is agreed: the session begins, or gets a connection more, and then the answer is sent. */
    record Admit(Answer answer) implements Step {}
}
