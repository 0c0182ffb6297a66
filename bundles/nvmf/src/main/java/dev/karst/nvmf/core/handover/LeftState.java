package dev.karst.nvmf.core.handover;

import dev.karst.base.StateReader;
import dev.karst.base.StateWriter;
import dev.karst.base.StorageException;
import dev.karst.env.Environment;
import dev.karst.env.Keepsakes.Keepsake;
import dev.karst.nvmf.ListenAddress;
import dev.karst.nvmf.core.model.AnaState;
import dev.karst.nvmf.core.model.Listener;
import dev.karst.nvmf.core.model.Namespace;
import dev.karst.nvmf.core.model.Subsystem;
import dev.karst.nvmf.core.reservation.ReservationForm;
import dev.karst.nvmf.core.reservation.ReservationState;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;

/**
 * What a core leaves to the next that no saved call says, or says too late for hosts that go on at once: reservations that do
 * not persist, and the states of single ANA groups. In the environment's keeping, as long as connections. Control threads.
 */
public final class LeftState {
    private static final Logger LOG = System.getLogger(LeftState.class.getName());
    private static final int VERSION = 1;
    private static final String RESERVATIONS = ParkedTransports.OURS + "reservations ";
    private static final String ANA = ParkedTransports.OURS + "ANA ";

    private LeftState() {}

    /** Leaves what there is of a subsystem. */
    public static void leave(Environment environment, Subsystem subsystem, long timeoutMs) {
        for (Namespace namespace : subsystem.namespaces()) {
            if (namespace != null && hasMoreThanItsFile(namespace.reservations().state())) {
                byte[] form = new ReservationForm(namespace.uuid()).encode(namespace.reservations().state());
                put(environment, place(namespace), form, timeoutMs);
            }
        }
        for (Listener listener : subsystem.listeners()) {
            var states = new StateWriter(VERSION).number(subsystem.anaGroups());
            for (int group = 1; group <= subsystem.anaGroups(); group++) {
                states.number(listener.ana().of(group).ordinal());
            }
            put(environment, place(subsystem, listener.address), states.end(), timeoutMs);
        }
    }

    private static boolean hasMoreThanItsFile(ReservationState state) {
        return !state.persistent() && !state.equals(ReservationState.EMPTY);
    }

    private static String place(Namespace namespace) {
        return RESERVATIONS + namespace.subsystem().nqn + " " + namespace.nsid + " ";
    }

    private static String place(Subsystem subsystem, ListenAddress address) {
        return ANA + subsystem.nqn + " " + address + " ";
    }

    private static void put(Environment environment, String name, byte[] state, long timeoutMs) {
        try {
            environment.keepsakes().put(new Keepsake(name, state, null, null), timeoutMs);
        } catch (StorageException e) {
            LOG.log(Level.WARNING, "{0}is lost: {1}", name, e.getMessage());
        }
    }

    /** The reservations that were left of a namespace; none for another one of its number. */
    public static ReservationState reservations(Environment environment, Namespace namespace) {
        List<Keepsake> found = environment.keepsakes().take(place(namespace));
        try {
            return found.isEmpty() ? ReservationState.EMPTY
                : new ReservationForm(namespace.uuid()).decode(found.getFirst().state());
        } catch (IllegalArgumentException e) {
            LOG.log(Level.WARNING, "cannot take over the reservations of {0}: {1}", namespace, e.getMessage());
            return ReservationState.EMPTY;
        }
    }

    /** Whether a listener has not come back yet that there was. */
    public static boolean awaitsListeners(Environment environment) {
        return environment.keepsakes().has(ANA);
    }

    /** Gives a listener that nobody knows yet the states that its ANA groups had. */
    public static void restoreStates(Environment environment, Subsystem subsystem, Listener listener) {
        for (Keepsake found : environment.keepsakes().take(place(subsystem, listener.address))) {
            try {
                var states = new StateReader(found.state(), VERSION);
                int groups = states.number(subsystem.anaGroups(), subsystem.anaGroups());
                for (int group = 1; group <= groups; group++) {
                    listener.set(group, AnaState.values()[states.number(0, AnaState.values().length - 1)]);
                }
                states.end();
            } catch (StorageException e) {
                LOG.log(Level.WARNING, "cannot take over the ANA states of {0} at {1}: {2}", subsystem.nqn, listener.address,
                    e.getMessage());
            }
        }
    }
}
