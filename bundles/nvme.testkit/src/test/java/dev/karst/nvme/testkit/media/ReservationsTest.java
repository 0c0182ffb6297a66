package dev.karst.nvme.testkit.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spec.nvme.NvmeStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who may do what while somebody holds a reservation. */
class ReservationsTest {
    private static final int CONFLICT = NvmeStatus.RESERVATION_CONFLICT | NvmeStatus.DNR;
    private static final String ONE = "01";
    private static final String TWO = "02";
    private static final String THREE = "03";

    private final Reservations reservations = new Reservations();

    @BeforeEach
    void register() {
        assertEquals(0, reservations.register(ONE, 11, false, false, 0));
        assertEquals(0, reservations.register(TWO, 22, false, false, 0));
    }

    @Test
    void shouldLetOnlyThoseThroughWhomTheTypeNames() {
        boolean[][] mayWrite = {{true, false, false}, {true, false, false}, {true, true, false}, {true, true, false},
            {true, true, false}, {true, true, false}};
        for (int type = 1; type <= 6; type++) {
            assertEquals(0, reservations.acquire(ONE, 11, type));
            String[] hosts = {ONE, TWO, THREE};
            for (int host = 0; host < hosts.length; host++) {
                assertEquals(mayWrite[type - 1][host] ? 0 : CONFLICT, reservations.check(hosts[host], true));
                boolean mayRead = mayWrite[type - 1][host] || type % 2 == 1;
                assertEquals(mayRead ? 0 : CONFLICT, reservations.check(hosts[host], false));
            }
            assertEquals(0, reservations.release(ONE, 11, type));
        }
    }

    @Test
    void shouldRefuseWhoIsNotRegisteredOrNamesAnotherKey() {
        assertEquals(CONFLICT, reservations.acquire(THREE, 0, 1));
        assertEquals(CONFLICT, reservations.acquire(ONE, 12, 1));
        assertEquals(CONFLICT, reservations.register(ONE, 12, false, false, 0));
        assertEquals(0, reservations.register(ONE, 12, true, false, 11));
        assertEquals(CONFLICT, reservations.unregister(ONE, 11, false));
        assertEquals(0, reservations.acquire(ONE, 12, 1));
        assertEquals(CONFLICT, reservations.acquire(TWO, 22, 1));
    }

    @Test
    void shouldPassTheReservationOnWhenItsHolderIsPreemptedAndFreeItWhenTheHolderLeaves() {
        assertEquals(0, reservations.acquire(ONE, 11, 2));
        assertEquals(0, reservations.preempt(TWO, 22, 11, 1));
        assertTrue(reservations.isHolder(TWO));
        assertFalse(reservations.registrants().containsKey(ONE));
        assertEquals(1, reservations.type());
        assertEquals(0, reservations.unregister(TWO, 22, false));
        assertEquals(0, reservations.type());
    }
}
