package dev.karst.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.json.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArgumentsTest {
    private static final Map<String, RpcMethod> METHODS =
        Map.of("create", Console.CREATE, "listener", Console.LISTENER, "raid", Console.RAID, "list", Console.LIST);

    private static Arguments parse(String line) {
        List<String> words = List.of(line.split(" "));
        return Arguments.of(METHODS.get(words.getFirst()), words.subList(1, words.size()), prompt -> "typed");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
        "create 16384 512 ~ {'num_blocks':16384,'block_size':512}",
        "create 64K 4k --name ram0 ~ {'num_blocks':65536,'block_size':4096,'name':'ram0'}",
        "create 1MiB 4KB --name=a=b ~ {'num_blocks':1048576,'block_size':4096,'name':'a=b'}",
        "create 0x10 1 ~ {'num_blocks':16,'block_size':1}",
        "create --num-blocks 2G 512 ~ {'num_blocks':2147483648,'block_size':512}",
        "create num_blocks=2 --block_size 3 ~ {'num_blocks':2,'block_size':3}",
        "create 1 2 --zeroed ~ {'num_blocks':1,'block_size':2,'zeroed':true}",
        "create 1 2 --zeroed false ~ {'num_blocks':1,'block_size':2,'zeroed':false}",
        "create --no-zeroed 1 2 ~ {'num_blocks':1,'block_size':2,'zeroed':false}",
        "create --zeroed 1 2 --dif-type type1 ~ {'num_blocks':1,'block_size':2,'zeroed':true,'dif_type':'type1'}",
        "listener q --traddr 127.0.0.1 --trtype TCP ~ {'nqn':'q','listen_address':{'traddr':'127.0.0.1','trtype':'TCP'}}",
        "listener q --listen-address-nqn z ~ {'nqn':'q','listen_address':{'nqn':'z'}}",
        "listener q --key - ~ {'nqn':'q','key':'typed'}",
        "raid r a,b ~ {'name':'r','base_bdevs':['a','b']}",
        "raid r a b c ~ {'name':'r','base_bdevs':['a','b','c']}",
        "raid --base-bdevs a r --base-bdevs b,c ~ {'name':'r','base_bdevs':['a','b','c']}",
        "raid -- --r a=b ~ {'name':'--r','base_bdevs':['a=b']}",
        "raid r a hosts={\"nqn\":\"h\"} ~ {'name':'r','base_bdevs':['a'],'hosts':[{'nqn':'h'}]}",
        "raid r a --hosts [{\"nqn\":\"h\"}] ~ {'name':'r','base_bdevs':['a'],'hosts':[{'nqn':'h'}]}"})
    void shouldGiveParametersWhenArgumentsAreRight(String line, String json) throws Exception {
        assertEquals(Json.parse(json.replace('\'', '"')), parse(line).parameters());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
        "create 1 ~ BLOCK_SIZE is missing: Bytes in a block",
        "create 1 2 3 ~ '3' is one argument too many",
        "create 1 2 --nome x ~ there is no option --nome",
        "create 1 2 --no-name ~ there is no option --no-name",
        "create 1 2 --name ~ --name wants a value: The name",
        "create 1 2 --name a --name b ~ name is given twice",
        "create 1Q 2 ~ num_blocks: '1Q' is not a number such as 4096, 64K or 10G",
        "create 8192P 2 ~ num_blocks: '8192P' is not a number such as 4096, 64K or 10G",
        "create -1 2 ~ num_blocks: '-1' is not a number such as 4096, 64K or 10G",
        "create 1 2 --zeroed=yes ~ zeroed: 'yes' is not true or false",
        "listener q --port 12x34 ~ port: what was given is not a number",
        "raid r a --hosts {x ~ hosts: '{x' is not a JSON object"})
    void shouldSayWhatIsWrongWhenArgumentsAreNot(String line, String message) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, () -> parse(line)).getMessage());
    }

    @Test
    void shouldTakeShellsListAsList() {
        Arguments parsed = Arguments.of(Console.RAID, List.of("r", List.of("a", "b")), prompt -> "");
        assertEquals(List.of("a", "b"), parsed.parameters().get("base_bdevs"));
    }

    @Test
    void shouldWantNothingElseWhenHelpIsAsked() {
        assertTrue(parse("create --help").help());
        assertFalse(parse("list --json").help());
        assertEquals(Arguments.Format.JSON, parse("list --json").format());
        assertEquals(Arguments.Format.PLAIN, parse("list --no-format").format());
    }
}
