package dev.karst.nvmf.tcp;

import dev.karst.base.ReactorConfined;

/** What one connection holds of the shared buffers, and its requests that wait for one, in order of arrival. */
@ReactorConfined
final class BufferShare {
    int small;
    int large;

    TcpRequest firstWaiting;
    private TcpRequest lastWaiting;

    /** Its place in a line of those that wait; null while it is in none. */
    BufferLine line;
    BufferShare next;
    BufferShare previous;

    void append(TcpRequest request) {
        request.nextWaiting = null;
        if (firstWaiting == null) {
            firstWaiting = request;
        } else {
            lastWaiting.nextWaiting = request;
        }
        lastWaiting = request;
    }

    TcpRequest removeFirst() {
        TcpRequest request = firstWaiting;
        firstWaiting = request.nextWaiting;
        request.nextWaiting = null;
        return request;
    }
}
