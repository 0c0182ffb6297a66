package dev.karst.itests.rpc;

import dev.karst.rpc.json.JsonException;
import dev.karst.rpc.json.JsonReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/** A client by HTTP that writes its requests itself. */
public final class HttpClient implements RpcClient {
    private static final JsonReader.Limits LIMITS = new JsonReader.Limits(Integer.MAX_VALUE, Integer.MAX_VALUE);
    private static final int OK = 200;
    private static final int NO_CONTENT = 204;

    private final int port;
    private final String authorization;
    private Socket socket;
    private int status;

    /** A client of a user. */
    public HttpClient(int port, String user, String password) throws IOException {
        this.port = port;
        String pair = user + ":" + password;
        authorization = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
    }

    private OutputStream begin(int length) throws IOException {
        if (status != OK && status != NO_CONTENT && status != 0) {
            socket.close();
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
        }
        String head = "POST / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic " + authorization + "\r\nContent-Length: "
            + length + "\r\n\r\n";
        OutputStream out = socket.getOutputStream();
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        return out;
    }

    @Override
    public void send(byte[] text) throws IOException {
        OutputStream out = begin(text.length);
        try {
            out.write(text);
        } catch (IOException e) {
            // as on the socket
        }
    }

    @Override
    public void sendSlowly(byte[] text, long pauseMs) throws IOException {
        RpcClient.trickle(begin(text.length), text, pauseMs);
    }

    @Override
    public Object receive() throws IOException {
        InputStream in = socket.getInputStream();
        String first = line(in);
        status = Integer.parseInt(first.split(" ")[1]);
        int length = -1;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(header.substring(15).strip());
            }
        }
        if (status == NO_CONTENT || length == 0) {
            return null;
        }
        JsonReader reader = JsonReader.of(
            length < 0 ? new Chunks(in) : new ByteArrayInputStream(in.readNBytes(length)), LIMITS);
        try {
            reader.next();
            Object document = reader.document();
            if (reader.next()) {
                throw new IOException("something follows the answer");
            }
            return document;
        } catch (JsonException e) {
            throw new IOException("the answer is no JSON: " + e.getMessage(), e);
        }
    }

    /** A body in chunks. */
    private static final class Chunks extends InputStream {
        private final InputStream in;
        private int left;
        private boolean ended;

        Chunks(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (left == 0 && !ended) {
                left = Integer.parseInt(line(in), 16);
                ended = left == 0;
                if (ended) {
                    line(in);
                }
            }
            if (ended) {
                return -1;
            }
            int count = in.read(target, offset, Math.min(length, left));
            left -= count;
            if (left == 0) {
                line(in);
            }
            return count;
        }
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int letter = in.read(); letter != '\n'; letter = in.read()) {
            if (letter < 0) {
                throw new IOException("the server has ended the connection");
            }
            line.write(letter);
        }
        return line.toString(StandardCharsets.US_ASCII).strip();
    }

    @Override
    public boolean isAccepted() {
        return status == OK || status == NO_CONTENT;
    }

    @Override
    public boolean isEnded() throws IOException {
        if (!isAccepted() && status != 0) {
            return true;
        }
        try {
            return socket.getInputStream().read() < 0;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
