package dev.karst.launcher;

/** A call that the server refused; the message is for a person. */
final class RpcException extends Exception {
    private static final long serialVersionUID = 1;

    RpcException(String message) {
        super(message);
    }
}
