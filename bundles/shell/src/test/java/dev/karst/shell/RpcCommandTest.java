package dev.karst.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcUser;
import dev.karst.shell.text.Screen;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.apache.karaf.shell.api.console.Command;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RpcCommandTest {
    private final Console console = new Console(Console.CREATE, Console.LISTENER, Console.RAID, Console.DELETE, Console.LIST);

    private static RpcMethod giving(Object result) {
        return RpcMethod.named("x", "x", "x", "Gives it").does(call -> result);
    }

    private String printed(Object result, String options) throws Exception {
        RpcMethod method = giving(result);
        console.methods.put("x", method);
        return console.run(method, options);
    }

    @Test
    void shouldShowTableWhenThereAreColumns() throws Exception {
        List<String> lines = console.run(Console.LIST, "").lines().toList();
        assertEquals(4, lines.size());
        assertTrue(lines.get(0).startsWith("Name"), lines.get(0));
        assertTrue(lines.get(2).matches("ram0 +.  16384 . a/b, c"), lines.get(2));
    }

    @Test
    void shouldShowTabsWhenUnformatted() throws Exception {
        assertEquals("ram0\t16384\ta/b, c\nra?m1\t3\t\n", console.run(Console.LIST, "--no-format"));
    }

    @Test
    void shouldShowJsonWhenAsked() throws Exception {
        assertEquals("[\n  \"a\"\n]\n", printed(List.of("a"), "--json"));
        assertEquals("true\n", printed(true, "--json"));
    }

    @Test
    void shouldFindRowsWhenListIsBesideOtherThings() throws Exception {
        SequencedMap<String, Object> result = new LinkedHashMap<>();
        result.put("tick_rate", 5L);
        result.put("reactors", List.of(Map.of("lcore", 0L, "threads", List.of(Map.of("name", "a"), Map.of("name", "b")))));
        RpcMethod method = RpcMethod.named("x", "x", "x", "Gives it").shows("Core", "lcore").shows("Threads", "threads.name").does(call -> result);
        console.methods.put("x", method);
        assertEquals("0\ta, b\n", console.run(method, "--no-format"));
    }

    @Test
    void shouldIndentWhenResultIsObject() throws Exception {
        SequencedMap<String, Object> result = new LinkedHashMap<>();
        result.put("version", "1");
        result.put("fields", Map.of("major", 0L));
        result.put("list", List.of(1L, 2L));
        result.put("objects", List.of(Map.of("a", 1L)));
        assertEquals("version: 1\nfields:\n  major: 0\nlist: 1, 2\nobjects:\n  -\n    a: 1\n", printed(result, ""));
    }

    @Test
    void shouldShowNothingWhenResultIsOnlyTrue() throws Exception {
        assertEquals("", printed(true, ""));
        assertEquals("false\n", printed(false, ""));
        assertEquals("ram0\n", printed("ram0", ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
        "delete ~ ram9 ~ bdev:delete: bdev ram9: No such device. See bdev:list",
        "delete ~ `` ~ bdev:delete: NAME is missing: The name. See bdev:delete --help",
        "create ~ 1 5G ~ bdev:create-malloc: Invalid parameters: bdev_malloc_create: block_size is 5368709120, which is not a number from 0 to 4294967295. See bdev:create-malloc --help",
        "listener ~ q --trtype TCP ~ nvmf:listener-create: Invalid parameters: nvmf_subsystem_add_listener.listen_address: traddr is missing: The address. See nvmf:listener-create --help"})
    void shouldFailWithOneLineWhenItCannot(String method, String line, String message) throws Exception {
        Map<String, RpcMethod> methods = Map.of("delete", Console.DELETE, "create", Console.CREATE, "listener", Console.LISTENER);
        assertEquals(message, console.failure(methods.get(method), line));
    }

    @Test
    void shouldNotShowSecretWhenItIsWrong() throws Exception {
        assertFalse(console.failure(Console.LISTENER, "q --port 99hush99").contains("hush"));
        assertFalse(console.failure(Console.LISTENER, "q --port 987654321").contains("987654321"));
    }

    @Test
    void shouldExplainWhenHelpIsAsked() throws Exception {
        String help = console.run(Console.LISTENER, "--help");
        for (String part : List.of(
            "JSON-RPC: nvmf_subsystem_add_listener", "nvmf:listener-create [options] NQN", "--traddr TEXT", "(required with listen_address)",
            "--trtype TCP", "--listen-address-nqn TEXT", "(a secret; - asks for it)", "--json", "--no-format")) {
            assertTrue(help.contains(part), help);
        }
        assertTrue(console.run(Console.CREATE, "--help").contains("(default Malloc0, Malloc1 and so on)"));
    }

    @Test
    void shouldKeepHelpWithinUsualScreenWhenItIsLong() throws Exception {
        String choices = String.join("|", Collections.nCopies(12, "choice"));
        String help = console.run(RpcMethod.named("x", "x", "x", "Does " + "much ".repeat(40))
            .takes(
                RpcParameter.required("name", RpcParameter.Type.STRING, "A name" + " of many words".repeat(6)),
                RpcParameter.optional("way", RpcParameter.Type.STRING, "The way").oneOf(choices.split("\\|")))
            .does(call -> true), "--help");
        assertEquals(List.of(), help.lines().filter(line -> line.length() > Screen.USUAL_WIDTH).toList());
        assertTrue(help.contains("""
            ARGUMENTS
                NAME                           TEXT: A name of many words of many words of many words of many
                                               words of many words of many words
            """), help);
        assertTrue(help.contains("\n    --way " + choices + "\n" + " ".repeat(35) + "The way\n"), help);
    }

    @Test
    void shouldSayWhereToAskWhenThereIsNoTerminalForSecret() throws Exception {
        assertEquals("nvmf:listener-create: there is no terminal to ask at: karst shell without a command has one."
            + " See nvmf:listener-create --help", console.failure(Console.LISTENER, "q --key -"));
    }

    @Test
    void shouldCallOnBehalfOfUserOfSession() throws Exception {
        new SessionRegistry(console, () -> "ann").call("bdev_get_bdevs", Map.of());
        assertEquals(Optional.of(new RpcUser("ann", "shell", RpcMethod.Role.ADMIN)), console.caller.user());
        new SessionRegistry(console, () -> null).call("bdev_get_bdevs", Map.of());
        assertEquals(System.getProperty("user.name"), console.caller.user().orElseThrow().name());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
        "delete ~ bdev:d ~ bdev:delete",
        "delete ~ bdev:delete r ~ `ra\u001bm1,ram0`",
        "delete ~ bdev:delete a ~ a/b",
        "delete ~ bdev:list r ~ ``",
        "delete ~ bdev:delete --n ~ --no-format",
        "delete ~ bdev:delete ram0 --j ~ --json",
        "create ~ bdev:create-malloc 1 2 --d ~ --dif-type",
        "create ~ bdev:create-malloc 1 2 --dif-type t ~ type1",
        "create ~ bdev:create-malloc dif_type=n ~ dif_type=none",
        "create ~ bdev:create-malloc --zeroed=f ~ --zeroed=false",
        "create ~ bdev:create-malloc --name x ~ ``",
        "raid ~ bdev:create-raid --name r ram ~ ram0",
        "raid ~ bdev:create-raid r ram0 ram ~ ram0"})
    void shouldCompleteWhatIsKnown(String method, String line, String words) {
        Map<String, RpcMethod> methods = Map.of("delete", Console.DELETE, "create", Console.CREATE, "raid", Console.RAID);
        assertEquals(words, String.join(",", console.complete(methods.get(method), line)));
    }

    @Test
    void shouldCompleteFilesWhenParameterIsFile(@TempDir Path folder) throws Exception {
        Files.createFile(folder.resolve("disk0.img"));
        RpcMethod method = RpcMethod.named("x", "x", "x", "Opens it")
            .takes(RpcParameter.required("file", RpcParameter.Type.STRING, "The file").of(RpcParameter.Kind.FILE))
            .does(call -> true);
        assertEquals(List.of("disk0.img"), console.complete(method, "x:x " + folder + "/di").stream()
            .map(candidate -> candidate.replaceFirst(".*/", "")).toList());
    }

    @Test
    void shouldFollowRegistryWhenMethodsComeAndGo() {
        GeneratedCommands commands = new GeneratedCommands(console, console.factory);
        assertTrue(names().containsAll(List.of("bdev:list", "bdev:delete", "karst:rpc", "karst:status", "karst:methods")), names().toString());
        console.change(() -> console.methods.remove("bdev_get_bdevs"));
        assertFalse(names().contains("bdev:list"));
        console.change(() -> console.methods.put("bdev_get_bdevs", Console.LIST));
        assertTrue(names().contains("bdev:list"));
        commands.stop();
        assertEquals(List.of(), names());
    }

    private List<String> names() {
        return console.commands.stream().map(command -> command.getScope() + ":" + command.getName()).toList();
    }

    @Test
    void shouldKeepFirstWhenTwoMethodsWantOneCommand() {
        console.methods.put("z", RpcMethod.named("z", "bdev", "list", "Another").does(call -> true));
        new GeneratedCommands(console, console.factory);
        List<Command> lists = new ArrayList<>(console.commands);
        lists.removeIf(command -> !command.getName().equals("list"));
        assertEquals(List.of("Lists block devices"), lists.stream().map(Command::getDescription).toList());
    }
}
