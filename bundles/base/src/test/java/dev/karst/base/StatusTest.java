package dev.karst.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

class StatusTest {
    @Test
    void shouldKeepDomainAndCodeWhenPacked() {
        assertEquals(Status.ERRNO, Status.domain(Status.errno(-28)));
        assertEquals(28, Status.code(Status.errno(28)));
        assertEquals(0x285, Status.code(Status.nvme(2, 0x85)));
        assertEquals(0, Status.domain(Status.OK));
        assertNotEquals(Status.NO_RESOURCE, Status.ABORTED);
    }

    @Test
    void shouldSayWhatItIsWhenShown() {
        assertEquals("ok", Status.text(Status.OK));
        assertEquals("no resource", Status.text(Status.NO_RESOURCE));
        assertEquals("failed", Status.text(Status.FAILED));
        assertEquals("No space left on device", Status.text(Status.errno(28)));
        assertEquals("nvme 2/85", Status.text(Status.nvme(2, 0x85)));
        assertEquals("scsi 5/24/00", Status.text(Status.of(Status.SCSI, 0x052400)));
    }
}
