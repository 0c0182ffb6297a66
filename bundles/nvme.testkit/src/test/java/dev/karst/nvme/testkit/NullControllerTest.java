package dev.karst.nvme.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Mem;
import dev.karst.env.Region;
import dev.karst.env.sim.SimEnvironment;
import dev.karst.env.sim.SimRandom;
import dev.karst.spec.nvme.IdentifyController;
import dev.karst.spec.nvme.IdentifyNamespace;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvme.Property;
import org.junit.jupiter.api.Test;

/** The controller that does nothing, stepped between the polls of a host. */
class NullControllerTest {
    @Test
    void shouldAnswerEachCommandOnceWhenItIsStepped() throws Exception {
        try (var environment = new SimEnvironment(new SimRandom(1), 1)) {
            var controller = new NullController();
            var host = new HandHost(environment, controller);
            host.others = () -> controller.step() > 0;
            assertTrue(host.enable());
            Region page = host.memory(4096);
            HandHost.expectOk(host.admin(Opcode.ADMIN_IDENTIFY, 0, page, 4096, 1, 0));
            assertEquals("NULL", IdentifyController.SN.get(page.address()));
            HandHost.expectOk(host.admin(Opcode.ADMIN_IDENTIFY, 1, page, 4096, 0, 0));
            assertEquals(9, IdentifyNamespace.LBAF0_LBADS.get(page.address()));
            host.createIo();
            for (int round = 0; round < 100; round++) {
                int wanted = 1 + round % (HandHost.ENTRIES - 1);
                for (int i = 0; i < wanted; i++) {
                    host.submit(host.io, host.range(Opcode.NVM_READ, page, 512, 0, 1));
                }
                host.ring(host.io);
                assertTrue(host.until(() -> host.completions.size() == wanted));
                assertFalse(host.until(() -> host.completions.size() > wanted));
                host.completions.clear();
            }
            assertTrue(host.disable());
            assertEquals(0, Mem.getInt(host.registers + Property.CSTS));
            controller.close();
        }
    }
}
