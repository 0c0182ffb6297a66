package dev.karst.rpc;

/** Who waits for a call that may take long. Its methods are called on the thread of the call and must not block. */
public interface RpcCaller {
    /** One that waits to the end and wants to hear nothing. */
    RpcCaller PATIENT = new RpcCaller() {
        @Override
        public void progress(int percent) {}

        @Override
        public boolean isGone() {
            return false;
        }
    };

    /** Hears how far the call has come. */
    void progress(int percent);

    /** Whether the call should end before it is done. */
    boolean isGone();
}
