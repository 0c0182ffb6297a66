package dev.karst.nvme.tcp;

import dev.karst.base.ReactorConfined;

/** What the transport knows of the command in a slot; its request is the queue's. */
@ReactorConfined
final class Flight {
    int cid;
    /** Whether it is in flight. */
    boolean active;
    /** Whether its data goes to the controller when that asks for it. */
    boolean askable;
    /** Bytes of its data that came, or are announced by the present PDU. */
    long received;
    /** Bytes of its data that the controller asked for. */
    long asked;
    /** R2Ts that are not answered whole. */
    int openR2ts;
    /** Pieces of its data that the socket has not taken. */
    int unsent;
    /** Whether data of it came with a wrong digest. */
    boolean corrupt;
    /** Whether the controller answered while pieces were unsent; then with {@link #status} and {@link #result}. */
    boolean answered;
    int status;
    long result;

    void begin(int cid, boolean askable) {
        this.cid = cid;
        this.askable = askable;
        active = true;
        received = 0;
        asked = 0;
        openR2ts = 0;
        unsent = 0;
        corrupt = false;
        answered = false;
    }
}
