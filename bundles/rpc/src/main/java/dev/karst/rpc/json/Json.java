package dev.karst.rpc.json;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;

/** Plain values as JSON text. Any thread. */
public final class Json {
    private static final JsonFactory FACTORY =
        JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_CONTENT).build();
    private static final DefaultIndenter TWO_SPACES = new DefaultIndenter("  ", "\n");
    private static final DefaultPrettyPrinter PRETTY = new DefaultPrettyPrinter(
        Separators.createDefaultInstance().withObjectNameValueSpacing(Separators.Spacing.AFTER))
            .withArrayIndenter(TWO_SPACES).withObjectIndenter(TWO_SPACES);
    private static final JsonReader.Limits SMALL = new JsonReader.Limits(1 << 20, 1 << 16);

    private Json() {}

    /**
     * The value of a text that holds one document, of up to a megabyte.
     *
     * @throws JsonException when it is not JSON or something follows
     */
    public static Object parse(String text) throws JsonException {
        JsonReader reader = JsonReader.of(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), SMALL);
        try {
            if (!reader.next()) {
                throw new JsonException("nothing there", 1, 1);
            }
            Object value = reader.document();
            if (reader.next()) {
                throw new JsonException("something follows the end", 1, 1);
            }
            return value;
        } catch (IOException e) {
            throw new JsonException(e.getMessage(), 1, 1);
        }
    }

    /**
     * Writes a value in one line.
     *
     * @throws IllegalArgumentException when there is something in it that is no plain value
     */
    public static void write(Object value, OutputStream to) throws IOException {
        write(value, to, ObjectWriteContext.empty());
    }

    /** A value in one line. */
    public static String text(Object value) {
        return inMemory(value, ObjectWriteContext.empty());
    }

    /** A value in lines, indented by two. */
    public static String pretty(Object value) {
        return inMemory(value, new Indented());
    }

    private static String inMemory(Object value, ObjectWriteContext context) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            write(value, bytes, context);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static void write(Object value, OutputStream to, ObjectWriteContext context) throws IOException {
        try (JsonGenerator generator = FACTORY.createGenerator(context, to)) {
            write(value, generator);
        } catch (JacksonIOException e) {
            throw new IOException(e.getMessage(), e.getCause());
        }
    }

    private static void write(Object value, JsonGenerator to) {
        switch (value) {
            case null -> to.writeNull();
            case Boolean flag -> to.writeBoolean(flag);
            case Double number -> to.writeNumber(number);
            case BigInteger number -> to.writeNumber(number);
            case Number number -> to.writeNumber(number.longValue());
            case String text -> to.writeString(whole(text));
            case Map<?, ?> object -> writeObject(object, to);
            case Collection<?> array -> writeArray(array, to);
            default -> throw new IllegalArgumentException("no plain value: " + value.getClass().getName());
        }
    }

    private static void writeObject(Map<?, ?> object, JsonGenerator to) {
        to.writeStartObject();
        object.forEach((name, value) -> {
            to.writeName(whole((String) name));
            write(value, to);
        });
        to.writeEndObject();
    }

    private static void writeArray(Collection<?> array, JsonGenerator to) {
        to.writeStartArray();
        array.forEach(element -> write(element, to));
        to.writeEndArray();
    }

    /** Names that came from a disk or a peer may hold half a surrogate pair, which has no form in UTF-8. */
    private static String whole(String text) {
        return text.chars().anyMatch(c -> Character.isSurrogate((char) c))
            ? new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)
            : text;
    }

    /** Asks the generator to indent. */
    private static final class Indented extends ObjectWriteContext.Base {
        @Override
        public PrettyPrinter getPrettyPrinter() {
            return PRETTY.createInstance();
        }

        @Override
        public boolean hasPrettyPrinter() {
            return true;
        }
    }
}
