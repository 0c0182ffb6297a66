package dev.karst.nvmf.core.admin;

import dev.karst.nvmf.core.model.Command;
import dev.karst.nvmf.core.model.Controller;
import dev.karst.nvmf.core.model.Namespace;
import dev.karst.nvmf.core.reservation.ReservationRequest;
import dev.karst.spec.nvme.FeaturesCommand;
import dev.karst.spec.nvme.NvmeStatus;
import dev.karst.spec.nvme.Sqe;
import dev.karst.spec.nvme.reservation.ReservationLog;
import java.util.ArrayList;
import java.util.List;

/**
 * The features of a namespace that are about reservations: which notices, and whether they persist. NVMe Base 2.0,
 * 5.27.1.
 */
final class ReservationFeatures {
    private static final int INVALID_FIELD = NvmeStatus.INVALID_FIELD_IN_COMMAND | NvmeStatus.DNR;
    private static final int INVALID_NAMESPACE = NvmeStatus.INVALID_NAMESPACE_OR_FORMAT | NvmeStatus.DNR;
    private static final int NAMESPACE_SPECIFIC = 2;
    private static final int CHANGEABLE = 4;
    private static final int PERSISTS = 1;
    private static final int NOTICES = 1 << ReservationLog.RNLPT_REGISTRATION_PREEMPTED
        | 1 << ReservationLog.RNLPT_RESERVATION_RELEASED | 1 << ReservationLog.RNLPT_RESERVATION_PREEMPTED;

    private ReservationFeatures() {}

    /** Whether the command gets or sets one of them. */
    static boolean has(Command command, Controller controller) {
        int feature = FeaturesCommand.FID.get(command.sqe());
        return !controller.subsystem.discovery && (feature == FeaturesCommand.FID_RESERVATION_MASK
            || feature == FeaturesCommand.FID_RESERVATION_PERSISTENCE);
    }

    static void get(Command command, Controller controller) {
        long sqe = command.sqe();
        int select = FeaturesCommand.SEL.get(sqe);
        long nsid = Sqe.NSID.get(sqe);
        Namespace namespace = controller.namespace(nsid);
        if (select > FeaturesCommand.SEL_CAPABILITIES) {
            command.finish(INVALID_FIELD);
        } else if (select == FeaturesCommand.SEL_CAPABILITIES) {
            command.succeed(NAMESPACE_SPECIFIC | CHANGEABLE);
        } else if (namespace == null) {
            command.finish(nsid == Sqe.NSID_ALL ? INVALID_FIELD : INVALID_NAMESPACE);
        } else if (select != FeaturesCommand.SEL_CURRENT) {
            command.succeed(0);
        } else if (FeaturesCommand.FID.get(sqe) == FeaturesCommand.FID_RESERVATION_MASK) {
            command.succeed(controller.reservations.mask((int) nsid));
        } else {
            command.succeed(namespace.reservations().state().persistent() ? PERSISTS : 0);
        }
    }

    static void set(Command command, Controller controller) {
        long sqe = command.sqe();
        long nsid = Sqe.NSID.get(sqe);
        Namespace namespace = controller.namespace(nsid);
        if (FeaturesCommand.SV.get(sqe) != 0) {
            command.finish(NvmeStatus.FEATURE_IDENTIFIER_NOT_SAVEABLE | NvmeStatus.DNR);
        } else if (namespace == null && nsid != Sqe.NSID_ALL) {
            command.finish(INVALID_NAMESPACE);
        } else if (FeaturesCommand.FID.get(sqe) == FeaturesCommand.FID_RESERVATION_MASK) {
            mask(command, controller, nsid);
        } else {
            boolean persists = (FeaturesCommand.CDW11.getInt(sqe) & PERSISTS) != 0;
            persist(command, controller, namespace == null ? persistent(controller) : List.of(namespace), persists);
        }
    }

    private static void mask(Command command, Controller controller, long nsid) {
        int types = FeaturesCommand.CDW11.getInt(command.sqe()) & NOTICES;
        if (nsid == Sqe.NSID_ALL) {
            controller.reservations.maskAll(types);
        } else {
            controller.reservations.mask((int) nsid, types);
        }
        command.succeed(0);
    }

    /** The namespaces that have a place to persist in. */
    private static List<Namespace> persistent(Controller controller) {
        var found = new ArrayList<Namespace>();
        for (Namespace namespace : controller.namespaces()) {
            if (namespace.reservations().canPersist()) {
                found.add(namespace);
            }
        }
        return found;
    }

    /** One namespace after the other, as far as it goes well. */
    private static void persist(Command command, Controller controller, List<Namespace> namespaces, boolean persists) {
        if (namespaces.isEmpty()) {
            command.succeed(0);
            return;
        }
        namespaces.getFirst().reservations().execute(controller.hostId, new ReservationRequest.Persist(persists),
            status -> controller.reactor().execute(() -> {
                if (status == NvmeStatus.SUCCESSFUL_COMPLETION) {
                    persist(command, controller, namespaces.subList(1, namespaces.size()), persists);
                } else {
                    command.finish(status);
                }
            }));
    }
}
