package dev.karst.rpc.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.rpc.RpcMethod.Role;
import dev.karst.rpc.RpcList;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcUser;
import dev.karst.rpc.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DispatcherTest {
    private static final int HELD_BYTES = 1000;

    private final Fixture fixture = new Fixture();
    private final Dispatcher dispatcher = new Dispatcher(fixture.registry);

    private String answer(String request) throws Exception {
        return answer(request, Role.ADMIN);
    }

    private String answer(String request, Role role) throws Exception {
        Answer answer = dispatcher.carryOut(Json.parse(request), new RpcUser("somebody", "test", role));
        return answer == null ? null : text(answer);
    }

    private static String text(Answer answer) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        HeldOutput output = new HeldOutput(bytes, HELD_BYTES);
        answer.writeTo(output);
        output.release();
        return bytes.toString(StandardCharsets.UTF_8);
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
        "{'jsonrpc':'2.0','id':1,'method':'thing_create','params':{'name':'a\\u0000b'}} ~ -32602 ~ name holds a control character",
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

    /** What came before stays: only the reply that cannot be sent becomes an error. */
    @Test
    void shouldRefuseOneOfBatchWhenItsResultCannotBeSent() throws Exception {
        String answer = answer("[" + call("thing_list") + "," + call("thing_odd") + "," + call("thing_list") + "]");
        assertEquals(2, answer.split("\"result\":\\[]", -1).length - 1, answer);
        assertEquals(3, ((List<?>) Json.parse(answer)).size());
    }

    @Test
    void shouldBreakOffWhenResultCannotBeSentAfterItsBeginningHasLeft() throws Exception {
        offer("thing_odd_late", List.of("x".repeat(10 * HELD_BYTES), new Object()));
        assertThrows(IOException.class, () -> answer(call("thing_odd_late")));
    }

    @Test
    void shouldWriteElementByElementWhenResultIsLong() throws Exception {
        int things = 100_000;
        AtomicInteger made = new AtomicInteger();
        offer("thing_many", RpcList.of(Collections.nCopies(things, "thing"), name -> {
            made.incrementAndGet();
            return List.of(name.repeat(100));
        }));
        AtomicLong written = new AtomicLong();
        AtomicInteger madeAtFirst = new AtomicInteger();
        OutputStream client = new OutputStream() {
            @Override
            public void write(int b) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void write(byte[] source, int offset, int length) {
                assertTrue(length <= HELD_BYTES, length + " bytes at once");
                madeAtFirst.compareAndSet(0, made.get());
                written.addAndGet(length);
            }
        };
        HeldOutput output = new HeldOutput(client, HELD_BYTES);
        Object request = Json.parse(call("thing_many"));
        dispatcher.carryOut(request, new RpcUser("somebody", "test", Role.VIEWER)).writeTo(output);
        output.release();
        assertEquals(things, made.get());
        assertTrue(written.get() > 32 << 20, written + " bytes");
        assertTrue(madeAtFirst.get() < 100, madeAtFirst + " elements before the first byte");
    }

    private static String call(String method) {
        return "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\"}";
    }

    private void offer(String name, Object result) {
        RpcMethod method = RpcMethod.named(name, "thing", name, "Gives it").readOnly().does(call -> result);
        fixture.registry.addMethods(() -> List.of(method));
    }
}
