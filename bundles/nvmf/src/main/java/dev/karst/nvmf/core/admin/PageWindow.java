package dev.karst.nvmf.core.admin;

import dev.karst.nvmf.core.model.Command;
import dev.karst.spec.nvme.NvmeStatus;

/**
 * What a host asks for of a page of any length. The page is composed piece by piece, in order, and never held as a
 * whole.
 */
final class PageWindow {
    private final Command command;
    private final long first;
    private final long end;
    private long at;

    /** The {@code bytes} bytes from {@code offset} on; what the page has not, is zeros. */
    PageWindow(Command command, long offset, int bytes) {
        this.command = command;
        first = offset;
        end = offset + bytes;
        command.zero();
    }

    /** The next piece of the page. */
    void put(long piece, int length) {
        long from = Math.max(first, at);
        long to = Math.min(end, at + length);
        if (from < to) {
            command.request.data.copyFrom(from - first, piece + (from - at), to - from);
        }
        at += length;
    }

    /** The page is complete: answers, unless the host asked for what is behind its end. */
    void answer() {
        if (first < 0 || first > at) {
            command.finish(NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR);
        } else {
            command.succeedWithData();
        }
    }
}
