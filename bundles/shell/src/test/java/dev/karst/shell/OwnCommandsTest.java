package dev.karst.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.rpc.RpcMethod;
import java.util.List;
import java.util.Map;
import org.apache.karaf.shell.support.CommandException;
import org.junit.jupiter.api.Test;

class OwnCommandsTest {
    private static final RpcMethod SUBSYSTEMS = RpcMethod.named("nvmf_get_subsystems", "nvmf", "list", "Lists subsystems")
        .does(call -> List.of(
            Map.of("nqn", "nqn.2014-08.org.nvmexpress.discovery", "subtype", "Discovery", "listen_addresses", List.of()),
            Map.of("nqn", "nqn.2026-01.dev.karst:a", "subtype", "NVMe", "namespaces", List.of(Map.of("nsid", 1L, "bdev_name", "ram0")),
                "listen_addresses", List.of(Map.of("trtype", "TCP", "adrfam", "IPv4", "traddr", "127.0.0.1", "trsvcid", "4420")))));
    private static final RpcMethod STARTUP = RpcMethod.named("karst_get_startup", "karst", "startup", "Tells how the start went")
        .does(call -> Map.of("state", "failed", "calls", 3L, "failed", List.of(Map.of("method", "x", "message", "y"))));

    private final Console console = new Console(Console.CREATE, Console.LIST, SUBSYSTEMS, STARTUP);

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
