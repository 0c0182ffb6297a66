package dev.karst.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.rpc.RpcMethod;
import java.util.List;
import java.util.Map;
import org.apache.karaf.shell.support.CommandException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OwnCommandsTest {
    private static final RpcMethod SUBSYSTEMS = RpcMethod.named("nvmf_get_subsystems", "nvmf", "list", "Lists subsystems")
        .does(call -> List.of(
            Map.of("nqn", "nqn.2014-08.org.nvmexpress.discovery", "subtype", "Discovery", "listen_addresses", List.of()),
            Map.of("nqn", "nqn.2026-01.dev.karst:a", "subtype", "NVMe", "namespaces", List.of(Map.of("nsid", 1L, "bdev_name", "ram0")),
                "listen_addresses", List.of(Map.of("trtype", "TCP", "adrfam", "IPv4", "traddr", "127.0.0.1", "trsvcid", "4420")))));
    private static final RpcMethod STARTUP = RpcMethod.named("karst_get_startup", "karst", "startup", "Tells how the start went")
        .does(call -> Map.of("state", "failed", "calls", 3L, "failed", List.of(Map.of("method", "x", "message", "y"))));

    private static Map<String, Object> bdev(String name, String product, Map<String, Object> specific) {
        return Map.of("name", name, "num_blocks", 4L, "block_size", 512L, "product_name", product, "driver_specific", specific);
    }

    private static Map<String, Object> tcp(String address) {
        return Map.of("trtype", "TCP", "traddr", address, "trsvcid", "4420");
    }

    private static final Console STACKED = new Console(
        RpcMethod.named("bdev_get_bdevs", "bdev", "list", "Lists block devices").does(call -> List.of(
            bdev("top", "passthru", Map.of("passthru", Map.of("name", "top", "base_bdev_name", "disk"))),
            bdev("disk", "AIO disk", Map.of("aio", Map.of("filename", "top"))))),
        RpcMethod.named("nvmf_get_subsystems", "nvmf", "list", "Lists subsystems").does(call -> List.of(
            Map.of("nqn", "nqn.2026-01.dev.karst:a", "subtype", "NVMe", "hosts", List.of(Map.of("nqn", "x"), Map.of("nqn", "y")),
                "namespaces", List.of(Map.of("nsid", 1L, "bdev_name", "top")),
                "listen_addresses", List.of(tcp("127.0.0.1"), tcp("127.0.0.2"))),
            Map.of("nqn", "nqn.2026-01.dev.karst:b", "subtype", "NVMe"))));

    private static final RpcMethod NODES = RpcMethod.named("iscsi_get_target_nodes", "iscsi", "node-list", "Lists target nodes")
        .does(call -> List.of(Map.of("name", "iqn.2026-01.dev.karst:b", "luns", List.of(Map.of("lun_id", 3L, "bdev_name", "ram0")),
            "pg_ig_maps", List.of(Map.of("pg_tag", 1L, "ig_tag", 1L)))));
    private static final RpcMethod PORTALS = RpcMethod.named("iscsi_get_portal_groups", "iscsi", "portal-group-list", "Lists portals")
        .does(call -> List.of(Map.of("tag", 1L, "portals", List.of(Map.of("host", "::1", "port", "3260")))));

    private final Console console = new Console(Console.CREATE, Console.LIST, SUBSYSTEMS, STARTUP, NODES, PORTALS);

    @Test
    void shouldShowHowToConnectWhenSubsystemListens() throws Exception {
        assertEquals("""
            Karst, failed: 3 configuration calls, 1 failed. See karst:startup
            Block devices
              ram0  8 MiB, Malloc disk, in use
              ra?m1  1.5 KiB, Null disk
            NVMe-oF subsystems
              nqn.2026-01.dev.karst:a
                namespace 1: ram0
                nvme connect -t tcp -a 127.0.0.1 -s 4420 -n nqn.2026-01.dev.karst:a
            iSCSI target nodes
              iqn.2026-01.dev.karst:b
                logical unit 3: ram0
                iscsiadm -m discovery -t sendtargets -p [::1]:3260 --login
            """, console.run(new StatusCommand(console, console::output), ""));
    }

    @Test
    void shouldShowNoneWhenLayersAreAbsent() throws Exception {
        assertEquals("Karst\nBlock devices\n  none\nNVMe-oF subsystems\n  none\n", console.run(new StatusCommand(new Console(), console::output), ""));
    }

    @Test
    void shouldCallAnyMethodWhenNamed() throws Exception {
        assertEquals("num_blocks: 16\nblock_size: 512\n", console.run(new CallCommand(console, console::output), "bdev_malloc_create num_blocks=16 block_size=512"));
    }

    @Test
    void shouldSayWhereToLookWhenMethodIsUnknown() {
        CommandException e = assertThrows(CommandException.class, () -> console.run(new CallCommand(console, console::output), "none"));
        assertEquals("karst:rpc: there is no method none. See karst:methods", e.getNiceHelp());
    }

    @Test
    void shouldDrawWhatStandsOnDeviceWhenStacked() throws Exception {
        assertEquals("""
            disk  2 KiB, AIO disk
            └─ top  2 KiB, passthru
               └─ nqn.2026-01.dev.karst:a  namespace 1, 2 hosts
                  ├─ TCP 127.0.0.1 port 4420
                  └─ TCP 127.0.0.2 port 4420
            nqn.2026-01.dev.karst:b  no namespace
            """, STACKED.run(new TreeCommand(STACKED, STACKED::output), ""));
    }

    @Test
    void shouldGiveDepthsWhenTreeIsUnformatted() throws Exception {
        assertTrue(STACKED.run(new TreeCommand(STACKED, STACKED::output), "--no-format").startsWith("""
            0\tdisk\t2 KiB, AIO disk
            1\ttop\t2 KiB, passthru
            2\tnqn.2026-01.dev.karst:a\tnamespace 1, 2 hosts
            """));
        assertTrue(STACKED.run(new TreeCommand(STACKED, STACKED::output), "--json").contains("\"name\": \"disk\""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
        "karst:rpc bdev_malloc ~ bdev_malloc_create",
        "karst:rpc bdev_malloc_create n ~ name=,num-blocks=",
        "karst:rpc bdev_malloc_create num-blocks=1 dif-type=t ~ dif-type=type1",
        "karst:rpc none n ~ ``",
        "karst:other bdev ~ ``"})
    void shouldCompleteParametersWhenMethodIsNamed(String line, String words) {
        assertEquals(words, String.join(",", console.complete(new CallCommand(console, console::output), line)));
    }

    @Test
    void shouldListMethodsWithCommands() throws Exception {
        assertTrue(console.run(new MethodsCommand(console, console::output), "--no-format")
            .contains("bdev_get_bdevs\tbdev:list\tviewer\tLists block devices\n"));
    }

    @Test
    void shouldExplainWhenHelpIsAsked() throws Exception {
        assertTrue(console.run(new CallCommand(console, console::output), "--help").contains("karst:rpc METHOD [NAME=VALUE ...]"));
    }

    @Test
    void shouldDescribeEachMethodWhenWritingReference() {
        List<RpcMethod> methods = List.of(Console.LISTENER, Console.CREATE);
        String rpc = Reference.rpc(methods);
        assertTrue(rpc.indexOf("## bdev_malloc_create") < rpc.indexOf("## nvmf_subsystem_add_listener"), rpc);
        assertTrue(rpc.contains("| `listen_address.traddr` | string | yes |  | The address |"), rpc);
        assertTrue(rpc.contains("The key (secret)"), rpc);
        assertTrue(Reference.shell(methods).contains("## bdev:create-malloc\n\n```\nDESCRIPTION"), Reference.shell(methods));
    }
}
