package dev.karst.nvmf.core.reservation;

import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * What a command comes to.
 *
 * @param status of its completion
 * @param state the state after it
 * @param notices whom to tell what
 * @param aborted hosts whose commands end before this one does
 */
public record Outcome(int status, ReservationState state, List<Notice> notices, Set<UUID> aborted) {
    /**
     * Something that a host is told through its controllers.
     *
     * @param type as RNLPT of the log page has it
     */
    public record Notice(UUID host, int type) {}
}
