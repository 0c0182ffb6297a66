package dev.karst.rpc.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.rpc.RpcCaller;
import dev.karst.rpc.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DesiredStateTest {
    private static final String DISK = "{'method':'ram_create','params':{'name':'a','size':1}}";
    private static final String GROUP = "{'method':'group_create','params':{'group':'g'}}";
    private static final String MEMBER = "{'method':'member_add','params':{'group':'g','member':{'number':1,'disk':'a'}}}";
    private static final String WORD = "{'method':'word_set','params':{'group':'g','number':1,'word':'hi'}}";

    private final FakeLayers layers = new FakeLayers();

    private static String state(String disks, String groups) {
        return "{'subsystems':[{'subsystem':'disks','config':[" + disks + "]},{'subsystem':'groups','config':[" + groups + "]}]}";
    }

    private static Map<String, Object> parameters(String state) throws Exception {
        return Map.of("state", Json.parse(state.replace('\'', '"')));
    }

    private List<?> call(String method, String state) throws Exception {
        layers.called.clear();
        return (List<?>) layers.call(method, parameters(state));
    }

    private List<String> apply(String state) throws Exception {
        call("karst_apply", state);
        return List.copyOf(layers.called);
    }

    /** Applies it, and once more, which must find nothing to do. */
    private List<String> applyTwice(String state) throws Exception {
        List<String> first = apply(state);
        assertEquals(List.of(), call("karst_plan", state));
        assertEquals(List.of(), apply(state));
        return first;
    }

    @Test
    void shouldMakeAllWhenNothingIsThere() throws Exception {
        assertEquals(
            List.of("ram_create a 1", "group_create g", "member_add g {number=1, disk=a}", "word_set g 1 hi"),
            applyTwice(state(DISK, GROUP + "," + MEMBER + "," + WORD)));
    }

    @Test
    void shouldMakeWhatOthersNeedFirstWhenDeclaredInAnyOrder() throws Exception {
        String document = "{'subsystems':[{'subsystem':'groups','config':[" + WORD + "," + MEMBER + "," + GROUP
            + "]},{'subsystem':'disks','config':[" + DISK + "]}]}";
        assertEquals(
            List.of("group_create g", "ram_create a 1", "member_add g {number=1, disk=a}", "word_set g 1 hi"), applyTwice(document));
    }

    @Test
    void shouldTakeAwayWhatStandsOnOthersFirstWhenNothingIsDeclared() throws Exception {
        apply(state(DISK, GROUP + "," + MEMBER));
        assertEquals(List.of("member_remove g 1", "group_delete g", "ram_delete a"), applyTwice(state("", "")));
    }

    @Test
    void shouldChangeLiveWhenThereIsSetter() throws Exception {
        apply(state("", GROUP));
        assertEquals(List.of("group_open g true"), applyTwice(state("", "{'method':'group_create','params':{'group':'g','open':true}}")));
    }

    @Test
    void shouldPutCallsTogetherWhenOneChangesWhatAnotherMakes() throws Exception {
        String open = GROUP + ",{'method':'group_open','params':{'group':'g','open':true}}";
        assertEquals(List.of("group_create g true"), applyTwice(state("", open)));
        assertEquals(List.of("group_open g false"), applyTwice(state("", GROUP)));
    }

    @Test
    void shouldMakeAnewWithAllThatStandsOnItWhenDiskDiffers() throws Exception {
        String limit = ",{'method':'disk_limit','params':{'name':'a','reads':5}}";
        apply(state(DISK + limit, GROUP + "," + MEMBER + "," + WORD));
        String larger = state(DISK.replace(":1}", ":2}") + limit, GROUP + "," + MEMBER + "," + WORD);
        List<?> plan = call("karst_plan", larger);
        assertEquals("size differs; made anew", ((Map<?, ?>) plan.get(1)).get("note"));
        assertEquals("stands on a; made anew", ((Map<?, ?>) plan.get(0)).get("note"));
        assertEquals(
            List.of("member_remove g 1", "ram_delete a", "ram_create a 2", "disk_limit a 5 0", "member_add g {number=1, disk=a}", "word_set g 1 hi"),
            applyTwice(larger));
    }

    @Test
    void shouldDeleteBeforeItCreatesWhenNameGoesToAnotherKind() throws Exception {
        apply(state(DISK, ""));
        assertEquals(List.of("ram_delete a", "file_create a 1"), applyTwice(state(DISK.replace("ram_", "file_"), "")));
    }

    @Test
    void shouldSetBackWhenSettingIsDeclaredNoMore() throws Exception {
        apply(state(DISK + ",{'method':'disk_limit','params':{'name':'a','reads':5,'writes':6}}", ""));
        apply(state(DISK + ",{'method':'disk_limit','params':{'name':'a','writes':6}}", ""));
        assertEquals("[{name=a, writes=6}]", limits());
        applyTwice(state(DISK, ""));
        assertEquals("[]", limits());
    }

    private String limits() {
        return layers.configSources().getFirst().calls().stream().filter(call -> call.method().equals("disk_limit"))
            .map(call -> new TreeMap<>(call.parameters())).toList().toString();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
        "{'method':'ram_create','params':{'name':'a','size':1,'readonly':false}}",
        "{'method':'ram_create','params':{'name':'a','size':1,'uuid':'0A0B0C0D-0000-0000-0000-000000000000'}}",
        "{'method':'ram_create','params':{'name':'a','size':1}},{'method':'disk_limit','params':{'name':'a','reads':0}}"})
    void shouldChangeNothingWhenItMeansTheSame(String disks) throws Exception {
        apply(state("{'method':'ram_create','params':{'name':'a','size':1,'uuid':'0a0b0c0d-0000-0000-0000-000000000000'}}", ""));
        assertEquals(List.of(), call("karst_plan", state(disks, "")));
    }

    @Test
    void shouldChangeNothingWhenSettingIsSaidInAnotherWay() throws Exception {
        apply(state(DISK, GROUP + "," + MEMBER + "," + WORD));
        assertEquals(List.of(), call("karst_plan", state(DISK, GROUP + "," + MEMBER + "," + WORD.replace("hi", "HI"))));
    }

    @Test
    void shouldHideSecretsWhenStepsAreShown() throws Exception {
        String keyed = state("", GROUP.replace("}}", ",'key':'s3cret'}}"));
        for (String method : List.of("karst_plan", "karst_apply")) {
            Map<?, ?> step = (Map<?, ?>) call(method, keyed).getFirst();
            assertEquals(Map.of("group", "g", "key", "***"), step.get("params"), method);
        }
        assertEquals(Map.of("group", "g", "key", "s3cret"), layers.configSources().get(1).calls().getFirst().parameters());
    }

    @Test
    void shouldLeaveAloneWhatItDoesNotSpeakOf() throws Exception {
        apply(state(DISK, GROUP));
        assertEquals(List.of("ram_delete a"), apply("{'subsystems':[{'subsystem':'disks','config':[]},{'subsystem':'groups','config':null}]}"));
        assertEquals(List.of(), call("karst_plan", "{'subsystems':[{'subsystem':'other','config':[{'method':'nobody'}]}]}"));
    }

    @Test
    void shouldRefuseWhenSomethingElseUsesWhatGoes() throws Exception {
        apply(state(DISK, GROUP + "," + MEMBER));
        String none = "{'subsystems':[{'subsystem':'disks','config':[]}]}";
        StorageException refused = assertThrows(StorageException.class, () -> apply(none));
        assertEquals("nothing was changed: a is in use by member_add g 1; force does it all the same", refused.getMessage());
        layers.call("karst_apply", Map.of("state", parameters(none).get("state"), "force", true));
        assertEquals(List.of("ram_delete a"), layers.called);
    }

    @Test
    void shouldOnlyShowWhenRunIsDry() throws Exception {
        layers.call("karst_apply", Map.of("state", parameters(state(DISK, "")).get("state"), "dry_run", true));
        assertEquals(List.of(), layers.called);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
        "{} ~ state: subsystems is not an array",
        "{'subsystems':[{'subsystem':'disks','config':[{'method':'ram_craete'}]}]} ~ state: subsystems[0].config[0]: there is no method ram_craete",
        "{'subsystems':[{'subsystem':'disks','config':[{'method':'ram_create','params':{'name':'a'}}]}]} ~ subsystems[0].config[0]: Invalid parameters: ram_create: size is missing",
        "{'subsystems':[{'subsystem':'groups','config':[{'method':'member_add','params':{'group':'g','member':{'disk':'a'}}}]}]} ~ member.number is left out; a state must say it",
        "{'subsystems':[{'subsystem':'groups','config':[{'method':'group_create','params':{'group':'g'}},[{'method':'group_create','params':{'group':'g'}}]]}]} ~ subsystems[0].config[1][0]: Invalid parameters: group_create g is there twice"})
    void shouldSayWhereWhenDeclarationIsWrong(String document, String message) {
        StorageException wrong = assertThrows(StorageException.class, () -> call("karst_plan", document));
        assertTrue(wrong.getMessage().contains(message), wrong.getMessage());
    }

    @Test
    void shouldTellProgressAndEndWhenCallerIsGone() throws Exception {
        List<Integer> heard = new ArrayList<>();
        RpcCaller caller = new RpcCaller() {
            @Override
            public void progress(int percent) {
                heard.add(percent);
            }

            @Override
            public boolean isGone() {
                return heard.size() == 2;
            }
        };
        StorageException cancelled = assertThrows(StorageException.class,
            () -> layers.call("karst_apply", parameters(state(DISK, GROUP)), caller));
        assertEquals(List.of(0, 50), heard);
        assertEquals("cancelled; 1 of 2 steps are done, apply again to go on", cancelled.getMessage());
    }

    /** Any state from any other, cut at any step and applied again, and then nothing more to do. */
    @Test
    void shouldConvergeWhenInterruptedAnywhere() throws Exception {
        for (int seed = 0; seed < 1000; seed++) {
            RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
            FakeLayers some = new FakeLayers();
            some.call("karst_apply", parameters(random(random)));
            Map<String, Object> target = parameters(random(random));
            some.left = random.nextInt(8);
            try {
                some.call("karst_apply", target);
            } catch (StorageException e) {
                assertTrue(e.getMessage().contains("apply again"), "seed " + seed + ": " + e.getMessage());
            }
            some.left = Integer.MAX_VALUE;
            some.call("karst_apply", target);
            assertEquals(List.of(), some.call("karst_plan", target), "seed " + seed);
            FakeLayers fresh = new FakeLayers();
            fresh.call("karst_apply", target);
            assertEquals(calls(fresh), calls(some), "seed " + seed);
        }
    }

    private static List<String> calls(FakeLayers layers) {
        return layers.configSources().stream().flatMap(source -> source.calls().stream())
            .map(call -> call.method() + new TreeMap<>(call.parameters())).sorted().toList();
    }

    private static String random(RandomGenerator random) {
        List<String> disks = new ArrayList<>();
        List<String> groups = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            if (random.nextInt(4) > 0) {
                String kind = random.nextBoolean() ? "ram" : "file";
                disks.add("{'method':'" + kind + "_create','params':{'name':'" + name + "','size':" + (1 + random.nextInt(2)) + "}}");
                if (random.nextBoolean()) {
                    disks.add("{'method':'disk_limit','params':{'name':'" + name + "','reads':" + random.nextInt(3) + "}}");
                }
            }
        }
        for (String name : List.of("g", "h")) {
            if (random.nextInt(4) > 0) {
                groups.add("{'method':'group_create','params':{'group':'" + name + "','open':" + random.nextBoolean()
                    + ",'serial':'" + random.nextInt(2) + "'}}");
                addMembers(random, name, String.join(",", disks), groups);
            }
        }
        String nodes = "{'subsystem':'nodes','config':[" + nodes(random, String.join(",", disks), String.join(",", groups)) + "]}";
        return state(String.join(",", disks), String.join(",", groups)).replaceFirst("]}$", "," + nodes + "]}");
    }

    private static String nodes(RandomGenerator random, String disks, String groups) {
        List<String> units = new ArrayList<>();
        for (int unit = 0; unit < 3; unit++) {
            String disk = List.of("a", "b", "c").get(random.nextInt(3));
            if (disks.contains("_create','params':{'name':'" + disk + "'")) {
                units.add("{'unit':" + unit + ",'disk':'" + disk + "'}");
            }
        }
        List<String> users = Stream.of("g", "h").filter(group -> groups.contains("_create','params':{'group':'" + group + "'"))
            .filter(_ -> random.nextBoolean()).map(group -> "{'user':'" + group + "'}").toList();
        return random.nextInt(4) == 0 ? "" : "{'method':'node_create','params':{'node':'n','alias':'" + random.nextInt(2) + "','units':"
            + units + ",'users':" + users + "}}";
    }

    private static void addMembers(RandomGenerator random, String group, String disks, List<String> groups) {
        for (int number = 1; number <= 2; number++) {
            String disk = List.of("a", "b", "c").get(random.nextInt(3));
            if (disks.contains("_create','params':{'name':'" + disk + "'")) {
                groups.add("{'method':'member_add','params':{'group':'" + group + "','member':{'number':" + number + ",'disk':'" + disk + "'}}}");
                if (random.nextBoolean()) {
                    groups.add("{'method':'word_set','params':{'group':'" + group + "','number':" + number + ",'word':'w" + random.nextInt(2) + "'}}");
                }
            }
        }
    }
}
