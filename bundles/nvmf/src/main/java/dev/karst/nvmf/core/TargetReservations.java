package dev.karst.nvmf.core;

import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.nvmf.core.handover.LeftState;
import dev.karst.nvmf.core.model.Controller;
import dev.karst.nvmf.core.model.Namespace;
import dev.karst.nvmf.core.model.ReactorGroup;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.nvmf.core.reservation.Access;
import dev.karst.nvmf.core.reservation.Outcome.Notice;
import dev.karst.nvmf.core.reservation.ReservationFile;
import dev.karst.nvmf.core.reservation.ReservationHome;
import dev.karst.nvmf.core.reservation.ReservationState;
import dev.karst.reactor.Reactor;
import dev.karst.rpc.RpcError;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/** The reservations of one namespace among the reactors and controllers of the target. */
final class TargetReservations implements ReservationHome.Surroundings {
    private final Namespace namespace;
    private final List<ReactorGroup> groups;
    private final Reactor home;

    private TargetReservations(Namespace namespace, List<ReactorGroup> groups, Reactor home) {
        this.namespace = namespace;
        this.groups = groups;
        this.home = home;
    }

    /**
     * Gives a namespace that nobody knows yet its reservations, as its file holds them. Control threads.
     *
     * @throws StorageException what {@link ReservationFile#load} throws
     */
    static void attach(Namespace namespace, List<ReactorGroup> groups, Environment environment, Reactor home)
        throws StorageException {
        String place = namespace.spec.ptplFile();
        ReservationFile file = place == null ? null
            : new ReservationFile(environment.files(), path(place), namespace.uuid());
        ReservationState left = LeftState.reservations(environment, namespace);
        ReservationState persisted = file == null ? ReservationState.EMPTY : file.load();
        ReservationState initial = persisted.persistent() ? persisted : left;
        namespace.reservations(new ReservationHome(home, environment.threads().background(), file, initial,
            new TargetReservations(namespace, groups, home)));
    }

    /** A place for the reservations of one namespace more; no two may share one. */
    static void check(String place, Collection<Subsystem> subsystems) throws StorageException {
        if (place == null) {
            return;
        }
        Path path = path(place);
        for (Subsystem subsystem : subsystems) {
            for (Namespace other : subsystem.namespaces()) {
                if (other != null && other.spec.ptplFile() != null && path(other.spec.ptplFile()).equals(path)) {
                    throw RpcError.invalidParameters(
                        "Invalid parameters: ptpl_file " + place + " is that of " + other + " already");
                }
            }
        }
    }

    private static Path path(String place) throws StorageException {
        try {
            Path path = Path.of(place).normalize();
            if (path.isAbsolute() && path.getFileName() != null) {
                return path;
            }
        } catch (InvalidPathException e) {
            // Said below.
        }
        throw RpcError.invalidParameters("Invalid parameters: ptpl_file " + place + " is not an absolute path of a file");
    }

    @Override
    public void publish(Access access, Set<UUID> aborted, Runnable done) {
        var left = new AtomicInteger(groups.size());
        for (ReactorGroup group : groups) {
            group.reactor.execute(() -> group.reserved(namespace, access, aborted, () -> {
                if (left.decrementAndGet() == 0) {
                    home.execute(done);
                }
            }));
        }
    }

    @Override
    public void tell(List<Notice> notices) {
        for (Notice notice : notices) {
            for (Controller controller : namespace.subsystem().controllers()) {
                if (controller.hostId.equals(notice.host())) {
                    controller.reactor().execute(() -> controller.reservationChanged(namespace.nsid, notice.type()));
                }
            }
        }
    }
}
