package dev.karst.rpc.core;

import dev.karst.base.StorageException;
import dev.karst.rpc.RpcCaller;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcRegistry;
import dev.karst.rpc.RpcUser;
import dev.karst.rpc.json.JsonReader;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** From a document to the answer to it, whatever carries them. Any control thread. */
public final class Dispatcher {
    /** How large a request may be: SPDK's number of values. */
    public static final JsonReader.Limits REQUEST_LIMITS = new JsonReader.Limits(1 << 20, 8192);

    private final RpcRegistry registry;

    /** A dispatcher to the methods of the registry. */
    public Dispatcher(RpcRegistry registry) {
        this.registry = registry;
    }

    /** Whether it asks for a call that may take long, so that others should not wait behind it. */
    boolean runsLong(Object document) {
        List<?> requests = document instanceof List<?> batch ? batch : List.of(document == null ? "" : document);
        return requests.stream().anyMatch(request -> request instanceof Map<?, ?> members
            && members.get("method") instanceof String name
            && registry.method(name).map(RpcMethod::runsLong).orElse(false));
    }

    /**
     * Carries out a request, or a batch in its order, on behalf of a user.
     *
     * @return the answer; null when none is due
     */
    public Answer carryOut(Object document, RpcUser user) {
        if (!(document instanceof List<?> batch)) {
            Answer.Reply reply = carryOutOne(document, user);
            return reply == null ? null : Answer.of(reply);
        } else if (batch.isEmpty()) {
            return Answer.refusal(RpcError.INVALID_REQUEST, "Invalid request: an empty batch");
        } else {
            List<Answer.Reply> replies =
                batch.stream().map(each -> carryOutOne(each, user)).filter(Objects::nonNull).toList();
            return replies.isEmpty() ? null : Answer.batch(replies);
        }
    }

    private Answer.Reply carryOutOne(Object document, RpcUser user) {
        Request request = Request.of(document);
        Object result = null;
        StorageException failure = null;
        try {
            result = call(request, user);
        } catch (StorageException e) {
            failure = e;
        }
        return request.answered() ? new Answer.Reply(request.id(), request.method(), result, failure) : null;
    }

    private Object call(Request request, RpcUser user) throws StorageException {
        if (request.refusal() != null) {
            throw request.refusal();
        } else if (registry.method(request.method()).isEmpty()) {
            throw new StorageException(RpcError.METHOD_NOT_FOUND, "Method not found");
        }
        return registry.call(request.method(), request.parameters(), RpcCaller.of(user));
    }
}
