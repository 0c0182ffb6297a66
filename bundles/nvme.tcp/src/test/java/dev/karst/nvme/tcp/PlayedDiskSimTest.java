package dev.karst.nvme.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.reactor.sim.SimWorld;
import org.junit.jupiter.api.Test;

/** A queue against a controller that does everything that a controller may, in every way. */
class PlayedDiskSimTest {
    private static int play(SimWorld world, PlayedDisk.Bug bug) throws Exception {
        var disk = new PlayedDisk(world, bug);
        var host = new Host(world);
        TcpQueue queue = host.open(disk.end.port(), 1, Worker.COUNT, world.random().oneIn(2), world.random().oneIn(2));
        Worker.work(world, host, queue, disk::pump);
        host.close();
        disk.end.close();
        world.settle(1_000);
        assertEquals(0, world.environment().memory().regions().size());
        return disk.mostOpen;
    }

    @Test
    void shouldKeepDataWhateverOrderAndPiecesTheControllerChooses() {
        int[] mostOpen = {0};
        SimWorld.run(1, 20, world -> mostOpen[0] = Math.max(mostOpen[0], play(world, PlayedDisk.Bug.NONE)));
        assertTrue(mostOpen[0] > 1, "no command had several R2Ts open");
    }

    @Test
    void shouldNoticeEachBugWhenTheControllerHasOne() {
        for (PlayedDisk.Bug bug : PlayedDisk.Bug.values()) {
            if (bug != PlayedDisk.Bug.NONE) {
                assertThrows(AssertionError.class, () -> SimWorld.run(1, 5, world -> play(world, bug)), bug.name());
            }
        }
    }
}
