package dev.karst.rpc;

import java.util.Optional;

/** Who waits for a call. Its methods are called on the thread of the call and must not block. */
public interface RpcCaller {
    /** One that waits to the end and wants to hear nothing: a part of Karst itself. */
    RpcCaller PATIENT = new RpcCaller() {
        @Override
        public void progress(int percent) {}

        @Override
        public boolean isGone() {
            return false;
        }
    };

    /** A user that waits to the end and wants to hear nothing. */
    static RpcCaller of(RpcUser user) {
        return PATIENT.as(user);
    }

    /** Hears how far a long call has come. */
    void progress(int percent);

    /** Whether a long call should end before it is done. */
    boolean isGone();

    /** On whose behalf; nobody's when a part of Karst calls for itself or within a call, whose user is then meant. */
    default Optional<RpcUser> user() {
        return Optional.empty();
    }

    /** The same on behalf of a user. */
    default RpcCaller as(RpcUser user) {
        RpcCaller same = this;
        return new RpcCaller() {
            @Override
            public void progress(int percent) {
                same.progress(percent);
            }

            @Override
            public boolean isGone() {
                return same.isGone();
            }

            @Override
            public Optional<RpcUser> user() {
                return Optional.of(user);
            }
        };
    }
}
