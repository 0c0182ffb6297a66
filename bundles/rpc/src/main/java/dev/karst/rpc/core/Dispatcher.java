package dev.karst.rpc.core;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethod.Role;
import dev.karst.rpc.RpcRegistry;
import dev.karst.rpc.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** From a document to the document that answers it, whatever carries them. Any control thread. */
final class Dispatcher {
    private static final System.Logger LOG = System.getLogger(Dispatcher.class.getName());

    private final RpcRegistry registry;
    private final int maxAnswerBytes;

    Dispatcher(RpcRegistry registry, int maxAnswerBytes) {
        this.registry = registry;
        this.maxAnswerBytes = maxAnswerBytes;
    }

    /** Whether it asks for a call that may take long, so that others should not wait behind it. */
    boolean runsLong(Object document) {
        List<?> requests = document instanceof List<?> batch ? batch : List.of(document == null ? "" : document);
        return requests.stream().anyMatch(request -> request instanceof Map<?, ?> members
            && members.get("method") instanceof String name
            && registry.method(name).map(RpcMethod::runsLong).orElse(false));
    }

    /**
     * Carries out a request, or a batch in its order.
     *
     * @return the answer; null when none is due
     */
    byte[] answer(Object document, Role role) {
        if (!(document instanceof List<?> batch)) {
            return answerOne(document, role, maxAnswerBytes);
        } else if (batch.isEmpty()) {
            return refusal(RpcError.INVALID_REQUEST, "Invalid request: an empty batch");
        } else {
            return answerAll(batch, role);
        }
    }

    /** An answer to what could not be read as a request. */
    static byte[] refusal(int code, String message) {
        return bytes(error(null, code, message));
    }

    private byte[] answerAll(List<?> batch, Role role) {
        List<byte[]> answers = new ArrayList<>();
        int left = maxAnswerBytes;
        for (Object request : batch) {
            byte[] answer = answerOne(request, role, left);
            if (answer != null) {
                answers.add(answer);
                left = Math.max(0, left - answer.length);
            }
        }
        return answers.isEmpty() ? null : array(answers);
    }

    private static byte[] array(List<byte[]> elements) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write('[');
        for (byte[] element : elements) {
            if (bytes.size() > 1) {
                bytes.write(',');
            }
            bytes.writeBytes(element);
        }
        bytes.write(']');
        return bytes.toByteArray();
    }

    private byte[] answerOne(Object document, Role role, int maxBytes) {
        Request request = Request.of(document);
        try {
            Object result = call(request, role);
            return request.answered() ? encode(request, result, maxBytes) : null;
        } catch (StorageException e) {
            return request.answered() ? bytes(error(request.id(), e.code(), e.getMessage())) : null;
        }
    }

    private Object call(Request request, Role role) throws StorageException {
        if (request.refusal() != null) {
            throw request.refusal();
        }
        RpcMethod method = registry.method(request.method())
            .orElseThrow(() -> new StorageException(RpcError.METHOD_NOT_FOUND, "Method not found"));
        if (role.compareTo(method.role()) < 0) {
            throw StorageException.errno(
                Errno.EACCES, method.name() + " needs the role " + method.role() + "; yours is " + role);
        }
        return registry.call(request.method(), request.parameters());
    }

    private static byte[] encode(Request request, Object result, int maxBytes) {
        SequencedMap<String, Object> answer = answer(request.id());
        answer.put("result", result);
        LimitedOutput output = new LimitedOutput(maxBytes);
        try {
            Json.write(answer, output);
            return output.toByteArray();
        } catch (IOException e) {
            return bytes(error(request.id(), RpcError.INTERNAL_ERROR,
                "Internal error: the result is larger than " + maxBytes + " bytes; ask for less at a time"));
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "rpc: the result of " + request.method() + ": " + e.getMessage());
            return bytes(error(request.id(), RpcError.INTERNAL_ERROR,
                "Internal error: the result cannot be sent; see the log"));
        }
    }

    private static Map<String, Object> error(Object id, int code, String message) {
        SequencedMap<String, Object> error = new LinkedHashMap<>();
        error.put("code", (long) code);
        error.put("message", message);
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

    private static byte[] bytes(Map<String, Object> answer) {
        return Json.text(answer).getBytes(StandardCharsets.UTF_8);
    }

    /** Bytes in memory, up to a number. */
    private static final class LimitedOutput extends OutputStream {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final int max;

        LimitedOutput(int max) {
            this.max = max;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            if (bytes.size() + length > max) {
                throw new IOException("more than " + max + " bytes");
            }
            bytes.write(source, offset, length);
        }

        byte[] toByteArray() {
            return bytes.toByteArray();
        }
    }
}
