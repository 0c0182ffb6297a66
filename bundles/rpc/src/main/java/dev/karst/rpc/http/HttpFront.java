package dev.karst.rpc.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.karst.rpc.RpcUser;
import dev.karst.rpc.core.Answer;
import dev.karst.rpc.core.Dispatcher;
import dev.karst.rpc.core.HeldOutput;
import dev.karst.rpc.json.JsonException;
import dev.karst.rpc.json.JsonReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * A request by HTTP: a POST with Basic authentication (RFC 7617) and one document, answered with 200 even if the answer is
 * an error of JSON-RPC. A request that needs no answer gets 204, and text that is no document 500, as from SPDK's proxy.
 */
final class HttpFront implements HttpHandler {
    private static final String BASIC = "Basic ";
    private static final int HELD_BYTES = 32 * 1024;
    private static final int NO_CONTENT = 204;
    private static final int UNAUTHORIZED = 401;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int CONTENT_TOO_LARGE = 413;
    private static final int INTERNAL_SERVER_ERROR = 500;
    private static final int SERVICE_UNAVAILABLE = 503;
    private static final long NO_BODY = -1;

    private final Dispatcher dispatcher;
    private final HttpUsers users;
    private final Semaphore free;

    /** At most so many requests are carried out at once. */
    HttpFront(Dispatcher dispatcher, HttpUsers users, int maxRequests) {
        this.dispatcher = dispatcher;
        this.users = users;
        this.free = new Semaphore(maxRequests);
    }

    /** Where an answer goes: what is too long to be held back is sent in chunks. */
    private static final class Body extends OutputStream {
        private final HttpExchange exchange;

        Body(HttpExchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            if (exchange.getResponseCode() < 0) {
                exchange.sendResponseHeaders(200, 0);
            }
            exchange.getResponseBody().write(source, offset, length);
        }
    }

    /** An exception ends the connection, so that an answer that broke off is seen as such. */
    @Override
    public void handle(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestMethod().equals("POST")) {
            exchange.getResponseHeaders().set("Allow", "POST");
            refuse(exchange, METHOD_NOT_ALLOWED);
            return;
        }
        Optional<RpcUser> user = user(exchange.getRequestHeaders().getFirst("Authorization"));
        if (user.isEmpty()) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"karst\", charset=\"UTF-8\"");
            refuse(exchange, UNAUTHORIZED);
        } else if (!free.tryAcquire()) {
            exchange.getResponseHeaders().set("Retry-After", "1");
            refuse(exchange, SERVICE_UNAVAILABLE);
        } else {
            try {
                carryOut(exchange, user.get());
            } finally {
                free.release();
            }
        }
    }

    private static void refuse(HttpExchange exchange, int status) throws IOException {
        exchange.sendResponseHeaders(status, NO_BODY);
        exchange.close();
    }

    private Optional<RpcUser> user(String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            return Optional.empty();
        }
        try {
            byte[] pair = Base64.getDecoder().decode(authorization.substring(BASIC.length()).strip());
            String text = new String(pair, StandardCharsets.UTF_8);
            int colon = text.indexOf(':');
            return colon < 0 ? Optional.empty() : users.user(text.substring(0, colon), text.substring(colon + 1));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private void carryOut(HttpExchange exchange, RpcUser user) throws IOException {
        try {
            Answer answer = dispatcher.carryOut(read(exchange), user);
            if (answer == null) {
                refuse(exchange, NO_CONTENT);
            } else {
                send(exchange, 200, answer);
            }
        } catch (JsonException e) {
            send(exchange, e.isTooLarge() ? CONTENT_TOO_LARGE : INTERNAL_SERVER_ERROR, Answer.unreadable(e));
        }
    }

    private static Object read(HttpExchange exchange) throws IOException, JsonException {
        JsonReader reader = JsonReader.of(exchange.getRequestBody(), Dispatcher.REQUEST_LIMITS);
        if (!reader.next()) {
            throw new JsonException("nothing there", 1, 1);
        }
        Object document = reader.document();
        if (reader.next()) {
            throw new JsonException("something follows the end", 1, 1);
        }
        return document;
    }

    private static void send(HttpExchange exchange, int status, Answer answer) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        HeldOutput output = new HeldOutput(new Body(exchange), HELD_BYTES);
        answer.writeTo(output);
        if (output.holdsAll()) {
            exchange.sendResponseHeaders(status, output.length());
        }
        output.release();
        exchange.close();
    }
}
