package dev.karst.rpc.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.rpc.RpcMethod.Role;
import dev.karst.rpc.json.Json;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DispatcherTest {
    private final Fixture fixture = new Fixture();
    private final Dispatcher dispatcher = new Dispatcher(fixture.registry, 32 << 20);

    private String answer(String request) throws Exception {
        return answer(request, Role.ADMIN);
    }

    private String answer(String request, Role role) throws Exception {
        byte[] answer = dispatcher.answer(Json.parse(request), role);
        return answer == null ? null : new String(answer, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
        "{'jsonrpc':'2.0','id':1,'method':'thing_list'} ~ {'jsonrpc':'2.0','id':1,'result':[]}",
        "{'jsonrpc':'2.0','id':1,'method':'thing_list','params':null} ~ {'jsonrpc':'2.0','id':1,'result':[]}",
        "{'jsonrpc':'2.0','id':'a','method':'thing_list','params':{}} ~ {'jsonrpc':'2.0','id':'a','result':[]}",
        "{'jsonrpc':'2.0','id':null,'method':'thing_list'} ~ {'jsonrpc':'2.0','id':null,'result':[]}",
        "{'jsonrpc':'2.0','id':-1.5,'method':'thing_create','params':{'name':'a'}} ~ {'jsonrpc':'2.0','id':-1.5,'result':'a'}"})
    void shouldAnswerWithIdWhenRequestIsRight(String request, String answer) throws Exception {
        assertEquals(answer.replace('\'', '"'), answer(request.replace('\'', '"')));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
        "1 ~ -32600 ~ object",
        "'text' ~ -32600 ~ object",
        "null ~ -32600 ~ object",
        "[] ~ -32600 ~ empty batch",
        "{} ~ -32600 ~ jsonrpc",
        "{'id':1,'method':'thing_list'} ~ -32600 ~ jsonrpc",
        "{'jsonrpc':'1.0','id':1,'method':'thing_list'} ~ -32600 ~ jsonrpc",
        "{'jsonrpc':2.0,'id':1,'method':'thing_list'} ~ -32600 ~ jsonrpc",
        "{'jsonrpc':'2.0','id':{},'method':'thing_list'} ~ -32600 ~ id must",
        "{'jsonrpc':'2.0','id':[1],'method':'thing_list'} ~ -32600 ~ id must",
        "{'jsonrpc':'2.0','id':true,'method':'thing_list'} ~ -32600 ~ id must",
        "{'jsonrpc':'2.0','id':1} ~ -32600 ~ method",
        "{'jsonrpc':'2.0','id':1,'method':5} ~ -32600 ~ method",
        "{'jsonrpc':'2.0','id':1,'method':'none'} ~ -32601 ~ Method not found",
        "{'jsonrpc':'2.0','id':1,'method':'thing_list','params':[]} ~ -32602 ~ Invalid parameters: params",
        "{'jsonrpc':'2.0','id':1,'method':'thing_list','params':'x'} ~ -32602 ~ Invalid parameters: params",
        "{'jsonrpc':'2.0','id':1,'method':'thing_list','params':{'x':1}} ~ -32602 ~ no parameter x",
        "{'jsonrpc':'2.0','id':1,'method':'thing_create'} ~ -32602 ~ name is missing",
        "{'jsonrpc':'2.0','id':1,'method':'thing_create','params':{'name':null}} ~ -32602 ~ name is missing",
        "{'jsonrpc':'2.0','id':1,'method':'thing_create','params':{'name':5}} ~ -32602 ~ name is 5",
        "{'jsonrpc':'2.0','id':1,'method':'thing_create','params':{'name':'a','size':-1}} ~ -32602 ~ size is -1",
        "{'jsonrpc':'2.0','id':1,'method':'thing_create','params':{'name':'a','size':'7'}} ~ -32602 ~ size is 7",
        "{'jsonrpc':'2.0','id':1,'method':'thing_create','params':{'name':'a','size':1.5}} ~ -32602 ~ size is 1.5",
        "{'jsonrpc':'2.0','id':1,'method':'thing_create','params':{'name':'a','size':1e400}} ~ -32602 ~ size is Infinity",
        "{'jsonrpc':'2.0','id':1,'method':'thing_create','params':{'name':'a','size':9223372036854775808}} ~ -32602 ~ size is 922",
        "{'jsonrpc':'2.0','id':1,'method':'thing_break'} ~ -32603 ~ Internal error",
        "{'jsonrpc':'2.0','id':1,'method':'thing_odd'} ~ -32603 ~ cannot be sent",
        "{'jsonrpc':'2.0','id':1,'method':'thing_large'} ~ -32603 ~ larger than 33554432",
        "{'jsonrpc':'2.0','id':1,'method':'framework_start_init'} ~ -1 ~ Method may only be called before framework is initialized."})
    void shouldRefuseWhenRequestIsWrong(String request, long code, String word) throws Exception {
        String answer = answer(request.replace('\'', '"'));
        assertTrue(answer.contains("\"error\":{\"code\":" + code + ",\"message\":\""), answer);
        assertTrue(answer.contains(word), answer);
    }

    @Test
    void shouldHideWhatWasThrownWhenHandlerFailsUnexpectedly() throws Exception {
        assertEquals(-1, answer("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"thing_break\"}").indexOf("private detail"));
    }

    @ParameterizedTest
    @CsvSource({"128, result", "129, error"})
    void shouldRefuseWhenIdIsLong(int length, String member) throws Exception {
        String answer = answer("{\"jsonrpc\":\"2.0\",\"id\":\"" + "i".repeat(length) + "\",\"method\":\"thing_list\"}");
        assertTrue(answer.contains('"' + member + '"'), answer);
    }

    @Test
    void shouldNotAnswerWhenThereIsNoId() throws Exception {
        assertNull(answer("{\"jsonrpc\":\"2.0\",\"method\":\"thing_create\",\"params\":{\"name\":\"a\"}}"));
        assertNull(answer("{\"jsonrpc\":\"2.0\",\"method\":\"none\"}"));
        assertEquals(1, fixture.made.size());
    }

    @Test
    void shouldAnswerInOrderWhenBatch() throws Exception {
        String create = "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"thing_create\",\"params\":{\"name\":\"a\"}}";
        String notification = "{\"jsonrpc\":\"2.0\",\"method\":\"thing_list\"}";
        assertEquals(
            "[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"a\"},"
                + "{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":-17,\"message\":\"thing a: File exists\"}},"
                + "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":\"Invalid request: a request is an object\"}}]",
            answer("[" + create.formatted(1) + "," + notification + "," + create.formatted(2) + ",[1]]"));
        assertNull(answer("[" + notification + "]"));
    }

    @Test
    void shouldRefuseWhenRoleIsLess() throws Exception {
        String create = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"thing_create\",\"params\":{\"name\":\"a\"}}";
        assertTrue(answer(create, Role.VIEWER).contains("\"code\":-13"));
        assertTrue(answer(create, Role.OPERATOR).contains("result"));
    }
}
