package dev.karst.rpc.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.karst.base.StorageException;
import dev.karst.rpc.json.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Lists of a thing whose objects come and go while it is in use. */
class MembersTest {
    private final FakeLayers layers = new FakeLayers();

    private static String disks(int sizeOfA) {
        return "{'subsystem':'disks','config':[{'method':'ram_create','params':{'name':'a','size':" + sizeOfA
            + "}},{'method':'ram_create','params':{'name':'b','size':1}}]}";
    }

    private static String groups(int serialOfG) {
        return "{'subsystem':'groups','config':[{'method':'group_create','params':{'group':'g','serial':'" + serialOfG
            + "'}},{'method':'group_create','params':{'group':'h'}}]}";
    }

    private static String node(String units, String users, String... more) {
        return "{'subsystem':'nodes','config':[{'method':'node_create','params':{'node':'n','units':[" + units + "],'users':[" + users + "]}}"
            + String.join("", more) + "]}";
    }

    private List<?> call(String method, String... subsystems) throws Exception {
        layers.called.clear();
        String state = "{'subsystems':[" + String.join(",", subsystems) + "]}";
        return (List<?>) layers.call(method, Map.of("state", Json.parse(state.replace('\'', '"'))));
    }

    /** Applies it, and once more, which must find nothing to do. */
    private List<String> apply(String... subsystems) throws Exception {
        call("karst_apply", subsystems);
        List<String> called = List.copyOf(layers.called);
        assertEquals(List.of(), call("karst_plan", subsystems));
        return called;
    }

    @Test
    void shouldAddAndRemoveOnlyWhatDiffers() throws Exception {
        apply(disks(1), groups(0), node("{'unit':0,'disk':'a'},{'unit':1,'disk':'b'}", "{'user':'g'}"));
        assertEquals(List.of("unit_remove n 1", "unit_add b n 2", "user_add n [{user=h}]"),
            apply(node("{'unit':2,'disk':'b'},{'unit':0,'disk':'a'}", "{'user':'g'},{'user':'h'}")));
        assertEquals(List.of("unit_remove n 0", "unit_remove n 2", "user_remove n [{user=g}]"), apply(node("", "{'user':'h'}")));
    }

    @Test
    void shouldReplaceWhenOneHasTheNumberOfAnother() throws Exception {
        apply(disks(1), groups(0), node("{'unit':0,'disk':'a'}", ""));
        assertEquals(List.of("unit_remove n 0", "unit_add b n 0"), apply(node("{'unit':0,'disk':'b'}", "")));
    }

    @Test
    void shouldLeaveNumbersAsTheyAreWhenTheyAreLeftOut() throws Exception {
        apply(disks(1), groups(0), node("{'unit':3,'disk':'a'},{'unit':5,'disk':'a'}", ""));
        assertEquals(List.of("unit_add b n"), apply(node("{'disk':'a'},{'unit':3,'disk':'a'},{'disk':'b'}", "")));
    }

    @Test
    void shouldTakeOnlyWhatStandsOnItWhenSomethingIsMadeAnew() throws Exception {
        String node = node("{'unit':0,'disk':'a'},{'unit':1,'disk':'b'}", "{'user':'g'},{'user':'h'}");
        apply(disks(1), groups(0), node);
        assertEquals(List.of("unit_remove n 0", "ram_delete a", "ram_create a 2", "unit_add a n 0"), apply(disks(2), groups(0), node));
        assertEquals(List.of("user_remove n [{user=g}]", "group_delete g", "group_create g 1", "user_add n [{user=g}]"),
            apply(disks(2), groups(1), node));
    }

    @Test
    void shouldMakeAnewWhenSomethingElseDiffersToo() throws Exception {
        apply(disks(1), groups(0), node("{'unit':0,'disk':'a'}", ""));
        assertEquals(List.of("node_delete n", "node_create x n [{unit=1, disk=a}] []"),
            apply(node("{'unit':1,'disk':'a'}", "").replace("'node':", "'alias':'x','node':")));
    }

    @Test
    void shouldPutCallsTogetherWhenOneAddsToWhatAnotherMakes() throws Exception {
        apply(disks(1), groups(0), node("{'unit':0,'disk':'a'}", "",
            ",{'method':'unit_add','params':{'node':'n','unit':1,'disk':'b'}},{'method':'user_add','params':{'node':'n','users':[{'user':'h'}]}}"));
        assertEquals(List.of(Map.of("unit", 0L, "disk", "a"), Map.of("unit", 1L, "disk", "b")),
            layers.configSources().getLast().calls().getFirst().parameters().get("units"));
    }

    @Test
    void shouldRefuseWhenAnotherSubsystemsListUsesWhatGoes() throws Exception {
        apply(disks(1), groups(0), node("{'unit':0,'disk':'a'}", ""));
        StorageException refused = assertThrows(StorageException.class, () -> apply("{'subsystem':'disks','config':[]}"));
        assertEquals("nothing was changed: a is in use by node_create n; force does it all the same", refused.getMessage());
    }
}
