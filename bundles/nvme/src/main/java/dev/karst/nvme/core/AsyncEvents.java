package dev.karst.nvme.core;

import dev.karst.base.ReactorConfined;
import dev.karst.base.Status;
import dev.karst.nvme.NvmeRequest;
import dev.karst.nvme.transport.TransportQueue;
import dev.karst.spec.nvme.Opcode;

/**
 * Asynchronous event requests: some are always with the controller, which answers when it has something to say. NVMe Base 2.1, 5.1.2. On
 * the admin queue's reactor.
 */
@ReactorConfined
final class AsyncEvents {
    /** What an event says, in dword 0: type in bits 2:0, information in 15:8, log page in 23:16. */
    static int type(long result) {
        return (int) result & 7;
    }

    static int info(long result) {
        return (int) (result >>> 8) & 0xff;
    }

    static int logPage(long result) {
        return (int) (result >>> 16) & 0xff;
    }

    /** Who hears of events, on the reactor. */
    interface Listener {
        void event(long result);
    }

    private final class Event extends NvmeRequest {
        private boolean out;

        Event() {
            super(1);
        }

        void submit() {
            command(Opcode.ADMIN_ASYNC_EVENT_REQUEST, 0);
            out = out || admin.submit(this) == Status.OK;
        }

        @Override
        protected void ended(int status) {
            out = false;
            if (status == 0) {
                listener.event(result);
                submit();
            }
        }
    }

    private final TransportQueue admin;
    private final Listener listener;
    private final Event[] events;

    /** @param count how many requests are with the controller */
    AsyncEvents(TransportQueue admin, int count, Listener listener) {
        this.admin = admin;
        this.listener = listener;
        events = new Event[count];
        for (int i = 0; i < count; i++) {
            events[i] = new Event();
        }
    }

    /** Gives all to the controller that are not with it. */
    void submit() {
        for (Event event : events) {
            event.submit();
        }
    }
}
