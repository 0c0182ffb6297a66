package dev.karst.rpc.core;

import dev.karst.base.StorageException;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.json.Json;
import dev.karst.rpc.json.JsonException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * What a client gets, before it is text. It becomes text while it is written, so that one of any length takes no more
 * memory than what is held back. Not for several threads.
 */
public final class Answer {
    private static final System.Logger LOG = System.getLogger(Answer.class.getName());

    private final List<Reply> replies;
    private final boolean batch;

    /** To one request: its result or, if there is one, its failure. */
    record Reply(Object id, String method, Object result, StorageException failure) {}

    private Answer(List<Reply> replies, boolean batch) {
        this.replies = replies;
        this.batch = batch;
    }

    static Answer of(Reply reply) {
        return new Answer(List.of(reply), false);
    }

    static Answer batch(List<Reply> replies) {
        return new Answer(replies, true);
    }

    /** An answer to what could not be read as a request. */
    public static Answer refusal(int code, String message) {
        return of(new Reply(null, null, null, new StorageException(code, message)));
    }

    /** An answer to text that is no document, or too much of one. */
    public static Answer unreadable(JsonException e) {
        String where = e.getMessage() + " at line " + e.line() + ", column " + e.column();
        return e.isTooLarge()
            ? refusal(RpcError.INVALID_REQUEST, "Invalid request: " + where)
            : refusal(RpcError.PARSE_ERROR, "Parse error: " + where);
    }

    /**
     * Writes it. What cannot be sent becomes an error of its request, as long as nothing of that reply has left.
     *
     * @throws IOException when the client has left, or a reply broke off midway: then the connection must end
     */
    public void writeTo(HeldOutput to) throws IOException {
        char before = '[';
        for (Reply reply : replies) {
            if (batch) {
                to.write(before);
                before = ',';
            }
            write(reply, to);
        }
        if (batch) {
            to.write(']');
        }
    }

    private static void write(Reply reply, HeldOutput to) throws IOException {
        long start = to.position();
        try {
            Json.write(reply.failure() == null ? result(reply) : error(reply.id(), reply.failure()), to);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "rpc: the result of " + reply.method() + ": " + e.getMessage());
            if (!to.takeBack(start)) {
                throw new IOException("the result of " + reply.method() + " broke off", e);
            }
            Json.write(error(reply.id(), new StorageException(
                RpcError.INTERNAL_ERROR, "Internal error: the result cannot be sent; see the log")), to);
        }
    }

    private static SequencedMap<String, Object> result(Reply reply) {
        SequencedMap<String, Object> answer = answer(reply.id());
        answer.put("result", reply.result());
        return answer;
    }

    private static SequencedMap<String, Object> error(Object id, StorageException failure) {
        SequencedMap<String, Object> error = new LinkedHashMap<>();
        error.put("code", (long) failure.code());
        error.put("message", failure.getMessage());
        SequencedMap<String, Object> answer = answer(id);
        answer.put("error", error);
        return answer;
    }

    private static SequencedMap<String, Object> answer(Object id) {
        SequencedMap<String, Object> answer = new LinkedHashMap<>();
        answer.put("jsonrpc", "2.0");
        answer.put("id", id);
        return answer;
    }
}
