package dev.karst.bdev.nvme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.Status;
import dev.karst.base.StorageException;
import dev.karst.bdev.IoType;
import dev.karst.bdev.testkit.OpenBdev;
import dev.karst.bdev.testkit.Probe;
import dev.karst.nvme.TransportId;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.rpc.ConfigSource.Call;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Controllers that come by themselves, and what is sent to one as it is. */
class FoundControllersTest {
    private static final TransportId FIRST = TransportId.tcp("127.0.0.1", 1, AttachedStage.NQN);
    private static final TransportId SECOND = TransportId.tcp("127.0.0.1", 2, AttachedStage.NQN);

    private final SimWorld world = new SimWorld(5, 1);
    private AttachedStage nvme;

    @BeforeEach
    void prepare() throws StorageException {
        nvme = new AttachedStage(world);
    }

    @AfterEach
    void close() {
        world.close();
    }

    private Object call(String method, Object... parameters) throws StorageException {
        return nvme.stage.call(method, parameters);
    }

    private void discover(Object... more) throws StorageException {
        Object[] base = {"name", "disc", "trtype", "tcp", "traddr", "127.0.0.1", "trsvcid", "8009"};
        Object[] all = java.util.stream.Stream.concat(java.util.stream.Stream.of(base), java.util.stream.Stream.of(more)).toArray();
        assertEquals(true, call("bdev_nvme_start_discovery", all));
    }

    private List<String> saved() {
        return nvme.stage.front().calls().stream().map(Call::method).filter(method -> method.startsWith("bdev_nvme")).toList();
    }

    @Test
    void shouldAttachWhatADiscoveryControllerKnowsAndDetachWhatItForgets() throws Exception {
        nvme.driver.discovered.add(FIRST);
        discover("wait_for_attach", true);
        assertTrue(nvme.stage.layer().find("disc0n1").isPresent());
        nvme.driver.discovered.add(SECOND);
        world.until(() -> nvme.driver.controllers().size() == 2);
        assertEquals(List.of("bdev_nvme_start_discovery"), saved());
        nvme.replace();
        world.runFor(12_000);
        assertEquals(2, nvme.driver.controllers().size());
        nvme.driver.discovered.remove(FIRST);
        world.runFor(10);
        long before = world.clock().nanos();
        nvme.driver.follower.run();
        world.until(() -> nvme.driver.controllers().size() == 1);
        assertTrue(world.clock().nanos() - before < 1_000_000_000, "it was told");
        assertTrue(nvme.stage.layer().find("disc0n1").isPresent());
        assertTrue(call("bdev_nvme_get_discovery_info").toString().contains("name=disc, trid={trtype=TCP, adrfam=IPv4"));
        assertEquals(true, call("bdev_nvme_stop_discovery", "name", "disc"));
        assertEquals(List.of(), nvme.driver.controllers());
        assertNull(nvme.driver.follower);
        assertEquals(List.of(), saved());
    }

    @Test
    void shouldSayWhyWhenDiscoveryIsWaitedFor() {
        nvme.driver.unreachable.add(new TransportId("TCP", "IPv4", "127.0.0.1", "8009", ""));
        var refused = assertThrows(StorageException.class, () -> discover("wait_for_attach", true));
        assertEquals(-Errno.ECONNREFUSED, refused.code());
        var unknown = assertThrows(StorageException.class, () -> call("bdev_nvme_stop_discovery", "name", "disc"));
        assertEquals(-Errno.ENOENT, unknown.code());
    }

    @Test
    void shouldAttachControllersThatArePluggedIn() throws Exception {
        nvme.driver.plugged.add(TransportId.pcie("0000:01:00.0"));
        call("bdev_nvme_set_hotplug", "enable", true);
        world.runFor(300);
        assertEquals(List.of(), nvme.driver.controllers());
        nvme.driver.plugged.add(TransportId.pcie("0000:02:00.0"));
        world.until(() -> nvme.stage.layer().find("HotInNvme0n1").isPresent());
        call("bdev_nvme_set_hotplug", "enable", false);
        nvme.driver.plugged.add(TransportId.pcie("0000:03:00.0"));
        world.runFor(500);
        assertEquals(1, nvme.driver.controllers().size());
    }

    @Test
    void shouldAttachWhatIsPluggedInWhenItCanBeTaken() throws Exception {
        call("bdev_nvme_set_hotplug", "enable", true);
        world.runFor(300);
        TransportId late = TransportId.pcie("0000:02:00.0");
        nvme.driver.unreachable.add(late);
        nvme.driver.plugged.add(late);
        world.runFor(500);
        assertEquals(List.of(), nvme.driver.controllers());
        nvme.driver.unreachable.remove(late);
        world.until(() -> nvme.stage.layer().find("HotInNvme0n1").isPresent());
    }

    @Test
    void shouldGiveTheCompletionWhenACommandIsSent() throws Exception {
        nvme.attach(1);
        byte[] read = new byte[64];
        read[0] = 2;
        read[4] = 1;
        String command = Base64.getUrlEncoder().encodeToString(read);
        var io = (Map<?, ?>) call("bdev_nvme_send_cmd", "name", "Nvme0", "cmd_type", "io", "data_direction", "c2h", "cmdbuf", command,
            "data_len", 512);
        assertEquals(Base64.getUrlEncoder().encodeToString(new byte[512]), io.get("data"));
        assertEquals(Base64.getUrlEncoder().encodeToString(new byte[16]), io.get("cpl"));
        read[40] = (byte) 0xff;
        read[41] = (byte) 0xff;
        var beyond = (Map<?, ?>) call("bdev_nvme_send_cmd", "name", "Nvme0", "cmd_type", "io", "data_direction", "c2h", "cmdbuf",
            Base64.getUrlEncoder().encodeToString(read), "data_len", 512);
        byte[] completion = Base64.getUrlDecoder().decode((String) beyond.get("cpl"));
        assertEquals((0x4080 << 1 & 0xff), completion[14] & 0xff);
        var own = assertThrows(StorageException.class, () -> call("bdev_nvme_send_cmd", "name", "Nvme0", "cmd_type", "admin",
            "data_direction", "h2c", "cmdbuf", Base64.getUrlEncoder().encodeToString(new byte[64])));
        assertEquals(-Errno.EPERM, own.code());
        assertEquals(0, nvme.stage.environment().memory().regions().stream().filter(region -> region.name().contains("command")).count());
    }

    @Test
    void shouldFailSoManyCommandsWhenErrorsAreInjected() throws Exception {
        nvme.stage.call("bdev_nvme_set_options", "bdev_retry_count", 0);
        nvme.attach(1);
        OpenBdev open = nvme.stage.open("Nvme0n1", world.reactor(0));
        call("bdev_nvme_add_error_injection", "name", "Nvme0", "cmd_type", "io", "opc", 8, "sct", 2, "sc", 0x80, "err_count", 1);
        var probe = new Probe();
        assertEquals(Status.nvme(2, 0x80), open.run(probe.wants(IoType.WRITE_ZEROES, 0, 1)));
        assertEquals(Status.OK, open.run(probe.wants(IoType.WRITE_ZEROES, 0, 1)));
        call("bdev_nvme_add_error_injection", "name", "Nvme0", "cmd_type", "io", "opc", 8, "sct", 0, "sc", 6, "err_count", 9,
            "do_not_submit", true, "timeout_in_us", 2000);
        long before = world.clock().nanos();
        assertEquals(Status.nvme(0, 6), open.run(probe.wants(IoType.WRITE_ZEROES, 0, 1)));
        assertTrue(world.clock().nanos() - before >= 2_000_000);
        call("bdev_nvme_remove_error_injection", "name", "Nvme0", "cmd_type", "io", "opc", 8);
        assertEquals(Status.OK, open.run(probe.wants(IoType.WRITE_ZEROES, 0, 1)));
        open.close();
    }

    @Test
    void shouldTryAgainAsOftenAsIsSetWhenADeviceFails() throws Exception {
        nvme.stage.call("bdev_nvme_set_options", "bdev_retry_count", 2);
        nvme.attach(1);
        OpenBdev open = nvme.stage.open("Nvme0n1", world.reactor(0));
        call("bdev_nvme_add_error_injection", "name", "Nvme0", "cmd_type", "io", "opc", 8, "sct", 0, "sc", 6, "err_count", 2);
        assertEquals(Status.OK, open.run(new Probe().wants(IoType.WRITE_ZEROES, 0, 1)));
        call("bdev_nvme_add_error_injection", "name", "Nvme0", "cmd_type", "io", "opc", 8, "sct", 0, "sc", 6, "err_count", 3);
        assertEquals(Status.nvme(0, 6), open.run(new Probe().wants(IoType.WRITE_ZEROES, 0, 1)));
        open.close();
    }
}
