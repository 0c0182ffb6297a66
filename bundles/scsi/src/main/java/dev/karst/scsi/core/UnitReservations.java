package dev.karst.scsi.core;

import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.scsi.core.model.Fence;
import dev.karst.scsi.core.model.LogicalUnit;
import dev.karst.scsi.core.model.Round;
import dev.karst.scsi.core.reservation.Access;
import dev.karst.scsi.core.reservation.NexusName;
import dev.karst.scsi.core.reservation.Outcome.Notice;
import dev.karst.scsi.core.reservation.ReservationFile;
import dev.karst.scsi.core.reservation.ReservationHome;
import dev.karst.scsi.core.reservation.ReservationState;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** The reservations of one logical unit among the nexuses of its device. */
final class UnitReservations implements ReservationHome.Surroundings {
    private final LogicalUnit unit;

    private UnitReservations(LogicalUnit unit) {
        this.unit = unit;
    }

    /**
     * Gives a unit that no nexus knows yet its reservations, as its file holds them. Those of a unit that cannot be written
     * persist nowhere, for it may be the unit of several devices. Control threads.
     *
     * @param folder null where nothing persists
     * @throws StorageException what {@link ReservationFile#load} throws
     */
    static void attach(LogicalUnit unit, Environment environment, Path folder) throws StorageException {
        ReservationFile file = folder == null || unit.bdev().readOnly() ? null
            : new ReservationFile(environment.files(), folder, unit.uuid());
        unit.reservations(new ReservationHome(unit.home, environment.threads().background(), file,
            file == null ? ReservationState.EMPTY : file.load(), new UnitReservations(unit)));
    }

    @Override
    public void publish(Access access, Set<NexusName> aborted, Runnable done) {
        Round.all(unit.groups, (group, ended) -> {
            Fence fence = Fence.ofReservations(ended);
            group.each(unit, one -> {
                one.obey(access, fence);
                if (aborted.contains(one.nexus.name)) {
                    one.abortForOthers(fence);
                }
            });
            fence.pass();
        }, () -> unit.home.execute(done));
    }

    @Override
    public void tell(List<Notice> notices) {
        if (notices.isEmpty()) {
            return;
        }
        Round.each(unit.groups, group -> group.each(unit, one -> {
            for (Notice notice : notices) {
                if (notice.nexus().equals(one.nexus.name)) {
                    one.raise(notice.asc());
                }
            }
        }));
    }
}
