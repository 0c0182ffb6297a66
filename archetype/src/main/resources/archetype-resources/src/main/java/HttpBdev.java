package ${package};

import dev.karst.bdev.module.BlockingBdev;
import dev.karst.bdev.module.Creation;
import dev.karst.bdev.module.Geometry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;

/** A file on a web server, block by block. The last bytes that make no whole block are left out. */
final class HttpBdev extends BlockingBdev {
    private static final int BLOCK = 512;
    private static final int PARTIAL_CONTENT = 206;

    private final HttpClient client;
    private final URI file;

    private HttpBdev(Creation creation, HttpClient client, URI file, long bytes) {
        super(creation.host().environment(),
            Geometry.of(creation.name(), creation.uuid(), "HTTP disk", BLOCK, bytes / BLOCK).with(BLOCK, true, false, false));
        this.client = client;
        this.file = file;
    }

    static HttpBdev open(Creation creation, URI file) throws IOException, InterruptedException {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(file).HEAD().build();
        HttpResponse<Void> answer = client.send(request, BodyHandlers.discarding());
        long bytes = answer.headers().firstValueAsLong("Content-Length").orElse(0);
        if (answer.statusCode() != 200 || bytes < BLOCK) {
            client.close();
            throw new IOException("the server answers " + answer.statusCode() + " and " + bytes + " bytes");
        }
        return new HttpBdev(creation, client, file, bytes);
    }

    @Override
    protected void read(long offset, ByteBuffer into) throws IOException, InterruptedException {
        String range = "bytes=" + offset + "-" + (offset + into.remaining() - 1);
        HttpRequest request = HttpRequest.newBuilder(file).header("Range", range).build();
        HttpResponse<byte[]> answer = client.send(request, BodyHandlers.ofByteArray());
        if (answer.statusCode() != PARTIAL_CONTENT) {
            throw new IOException("the server answers " + answer.statusCode() + " to a request for " + range);
        }
        into.put(answer.body());
    }

    @Override
    public void destroy(boolean parked) {
        client.close();
    }
}
