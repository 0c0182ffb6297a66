package dev.karst.nvme.testkit.admin;

import dev.karst.base.Mem;
import dev.karst.nvme.testkit.command.Page;
import dev.karst.nvme.testkit.command.SimCommand;
import dev.karst.nvme.testkit.controller.AsyncEvents;
import dev.karst.nvme.testkit.controller.ControllerState;
import dev.karst.nvme.testkit.media.Firmware;
import dev.karst.nvme.testkit.media.SimNamespace;
import dev.karst.spec.nvme.GetLogPageCommand;
import dev.karst.spec.nvme.IdentifyCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.log.AnaGroupDescriptor;
import dev.karst.spec.nvme.log.AnaLog;
import dev.karst.spec.nvme.log.EffectsLog;
import dev.karst.spec.nvme.log.FirmwareLog;
import dev.karst.spec.nvme.log.HealthLog;
import dev.karst.spec.nvme.reservation.ReservationLog;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** The Get Log Page command. NVMe Base 2.1, 5.1.12. */
final class LogPages {
    /** Entries of the error log. */
    static final int ERRORS = 16;

    private static final int LID_SELF_TEST = 0x06;
    private static final int LID_SANITIZE = 0x81;
    private static final int LBCC = EffectsLog.CSUPP | EffectsLog.LBCC;
    private static final List<Integer> SUPPORTED = List.of(
        GetLogPageCommand.LID_SUPPORTED, GetLogPageCommand.LID_ERROR, GetLogPageCommand.LID_HEALTH,
            GetLogPageCommand.LID_FIRMWARE,
        GetLogPageCommand.LID_CHANGED_NAMESPACES, GetLogPageCommand.LID_EFFECTS, LID_SELF_TEST, GetLogPageCommand.LID_ANA,
        GetLogPageCommand.LID_RESERVATION, LID_SANITIZE);
    private static final List<Integer> READING = List.of(
        Opcode.NVM_FLUSH, Opcode.NVM_READ, Opcode.NVM_COMPARE, Opcode.NVM_VERIFY, Opcode.NVM_RESERVATION_REPORT);
    private static final List<Integer> WRITING = List.of(
        Opcode.NVM_WRITE, Opcode.NVM_WRITE_UNCORRECTABLE, Opcode.NVM_WRITE_ZEROES, Opcode.NVM_DATASET_MANAGEMENT,
            Opcode.NVM_COPY);

    private final ControllerState state;
    private final Maintenance maintenance;

    LogPages(ControllerState state, Maintenance maintenance) {
        this.state = state;
        this.maintenance = maintenance;
    }

    int execute(SimCommand command) {
        int lid = GetLogPageCommand.LID.get(command.sqe);
        long offset = GetLogPageCommand.LPO.get(command.sqe);
        long length = GetLogPageCommand.lengthBytes(command.sqe);
        byte[] log = log(lid, command);
        if (log == null) {
            return NvmeStatus.INVALID_LOG_PAGE | NvmeStatus.DNR;
        }
        if (offset < 0 || offset > log.length || (offset & 3) != 0 || length > Integer.MAX_VALUE) {
            return NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
        }
        byte[] part = Arrays.copyOfRange(log, (int) offset, (int) (offset + length));
        int status = state.data.toHost(command, part);
        if (status == 0 && GetLogPageCommand.RAE.get(command.sqe) == 0) {
            taken(lid);
        }
        return status;
    }

    private void taken(int lid) {
        switch (lid) {
            case GetLogPageCommand.LID_ERROR -> state.events.read(AsyncEvents.ERROR);
            case GetLogPageCommand.LID_HEALTH -> state.events.read(AsyncEvents.HEALTH);
            case GetLogPageCommand.LID_CHANGED_NAMESPACES -> {
                state.changedNamespaces.clear();
                state.events.read(AsyncEvents.NOTICE);
            }
            case GetLogPageCommand.LID_ANA, GetLogPageCommand.LID_FIRMWARE -> state.events.read(AsyncEvents.NOTICE);
            case GetLogPageCommand.LID_RESERVATION -> {
                state.reservationNotices.poll();
                state.events.read(AsyncEvents.IO);
                if (!state.reservationNotices.isEmpty()) {
                    state.events.happened(AsyncEvents.IO, 0, lid);
                }
            }
            case LID_SANITIZE -> state.events.read(AsyncEvents.IO);
            default -> {
                // No event tells of it.
            }
        }
    }

    private byte[] log(int lid, SimCommand command) {
        return switch (lid) {
            case GetLogPageCommand.LID_SUPPORTED -> supported();
            case GetLogPageCommand.LID_ERROR -> state.errors.log(ERRORS);
            case GetLogPageCommand.LID_HEALTH -> health();
            case GetLogPageCommand.LID_FIRMWARE -> firmware();
            case GetLogPageCommand.LID_CHANGED_NAMESPACES -> changed();
            case GetLogPageCommand.LID_EFFECTS -> effects();
            case LID_SELF_TEST -> maintenance.selfTestLog();
            case LID_SANITIZE -> maintenance.sanitizeLog();
            case GetLogPageCommand.LID_ANA ->
                state.traits.ana ? ana(GetLogPageCommand.LSP.get(command.sqe) == AnaLog.LSP_GROUPS_ONLY) : null;
            case GetLogPageCommand.LID_RESERVATION -> reservations();
            default -> null;
        };
    }

    private static byte[] supported() {
        ByteBuffer log = Page.buffer(1024);
        SUPPORTED.forEach(lid -> log.putInt(lid * 4, 1));
        return log.array();
    }

    private byte[] reservations() {
        ControllerState.ReservationNotice notice = state.reservationNotices.peek();
        return Page.of(ReservationLog.BYTES, log -> {
            if (notice != null) {
                ReservationLog.LPC.set(log, notice.number());
                ReservationLog.RNLPT.set(log, notice.type());
                ReservationLog.NALP.set(log, state.reservationNotices.size() - 1);
                ReservationLog.NSID.set(log, notice.nsid());
            }
        });
    }

    private byte[] health() {
        ControllerState.Counters counters = state.counters;
        return Page.of(HealthLog.BYTES, log -> {
            HealthLog.CW.set(log, counters.warning);
            HealthLog.CTEMP.set(log, counters.temperature);
            HealthLog.AVSP.set(log, 100);
            HealthLog.AVSPT.set(log, 10);
            Mem.setLong(HealthLog.DUR.at(log), (counters.readBlocks + 999) / 1000);
            Mem.setLong(HealthLog.DUW.at(log), (counters.writtenBlocks + 999) / 1000);
            Mem.setLong(HealthLog.HRC.at(log), counters.reads);
            Mem.setLong(HealthLog.HWC.at(log), counters.writes);
            Mem.setLong(HealthLog.PWRC.at(log), 1);
            Mem.setLong(HealthLog.MDIE.at(log), counters.mediaErrors);
            Mem.setLong(HealthLog.NEILE.at(log), state.errors.count());
        });
    }

    private byte[] firmware() {
        Firmware firmware = state.subsystem.firmware();
        return Page.of(FirmwareLog.BYTES, log -> {
            FirmwareLog.AFI.set(log, firmware.active() | firmware.next() << 4);
            for (int slot = 1; slot <= Firmware.SLOTS; slot++) {
                String revision = firmware.revision(slot);
                if (revision != null) {
                    byte[] padded = String.format("%-8s", revision).getBytes(StandardCharsets.US_ASCII);
                    Mem.put(log + 8L * slot, padded, 0, padded.length);
                }
            }
        });
    }

    private byte[] changed() {
        ByteBuffer log = Page.buffer(4 * IdentifyCommand.LIST_ENTRIES);
        state.changedNamespaces.forEach(log::putInt);
        return log.array();
    }

    private static byte[] effects() {
        return Page.of(EffectsLog.BYTES, log -> {
            for (int opcode : new int[] {
                Opcode.ADMIN_IDENTIFY, Opcode.ADMIN_GET_LOG_PAGE, Opcode.ADMIN_GET_FEATURES, Opcode.ADMIN_SET_FEATURES,
                Opcode.ADMIN_ABORT, Opcode.ADMIN_ASYNC_EVENT_REQUEST, Opcode.ADMIN_CREATE_IO_CQ, Opcode.ADMIN_CREATE_IO_SQ}) {
                Mem.setInt(EffectsLog.ACS.at(log) + 4L * opcode, EffectsLog.CSUPP);
            }
            Mem.setInt(EffectsLog.ACS.at(log) + 4L * Opcode.ADMIN_FORMAT_NVM, LBCC | EffectsLog.NCC);
            READING.forEach(opcode -> Mem.setInt(EffectsLog.IOCS.at(log) + 4L * opcode, EffectsLog.CSUPP));
            WRITING.forEach(opcode -> Mem.setInt(EffectsLog.IOCS.at(log) + 4L * opcode, LBCC));
        });
    }

    private byte[] ana(boolean groupsOnly) {
        int groups = state.anaStates.length;
        List<SimNamespace> attached = groupsOnly ? List.of() : state.attached();
        return Page.of(AnaLog.BYTES + groups * AnaGroupDescriptor.BYTES + 4 * attached.size(), log -> {
            AnaLog.CHGCNT.set(log, state.anaChanges);
            AnaLog.NAGD.set(log, groups);
            long at = log + AnaLog.BYTES;
            for (int group = 1; group <= groups; group++) {
                AnaGroupDescriptor.AGID.set(at, group);
                AnaGroupDescriptor.CHGCNT.set(at, state.anaChanges);
                AnaGroupDescriptor.ANAS.set(at, state.anaStates[group - 1]);
                long descriptor = at;
                at += AnaGroupDescriptor.BYTES;
                int members = 0;
                for (SimNamespace namespace : attached) {
                    if (namespace.anaGroup == group) {
                        Mem.setInt(at, namespace.nsid());
                        at += 4;
                        members++;
                    }
                }
                AnaGroupDescriptor.NNV.set(descriptor, members);
            }
        });
    }
}
