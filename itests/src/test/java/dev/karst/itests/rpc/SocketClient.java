package dev.karst.itests.rpc;

import dev.karst.rpc.json.JsonException;
import dev.karst.rpc.json.JsonReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A client at the unix socket. */
public final class SocketClient implements RpcClient {
    private static final JsonReader.Limits LIMITS = new JsonReader.Limits(Integer.MAX_VALUE, Integer.MAX_VALUE);

    private final SocketChannel channel;
    private final JsonReader reader;

    /** A client that is connected. */
    public SocketClient(Path path) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
        reader = JsonReader.of(Channels.newInputStream(channel), LIMITS);
    }

    @Override
    public void send(byte[] text) throws IOException {
        try {
            for (ByteBuffer buffer = ByteBuffer.wrap(text); buffer.hasRemaining(); ) {
                channel.write(buffer);
            }
        } catch (IOException e) {
            // The server may answer and end the connection before it has read all; the answer is there to be read.
        }
    }

    @Override
    public void sendSlowly(byte[] text, long pauseMs) throws IOException {
        RpcClient.trickle(Channels.newOutputStream(channel), text, pauseMs);
    }

    @Override
    public Object receive() throws IOException {
        try {
            if (reader.next()) {
                return reader.document();
            }
            throw new IOException("the server has ended the connection");
        } catch (JsonException e) {
            throw new IOException("the answer is no JSON: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean isAccepted() {
        return true;
    }

    @Override
    public boolean isEnded() {
        try {
            return !reader.next();
        } catch (IOException e) {
            return true;
        } catch (JsonException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
