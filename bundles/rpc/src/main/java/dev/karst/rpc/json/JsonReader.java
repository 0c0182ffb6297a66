package dev.karst.rpc.json;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/**
 * Reads JSON documents that follow each other on a stream with nothing, or any white space, between them. A document is
 * given as soon as its last byte has arrived. The stream is its owner's to close.
 *
 * <p>A whole number is a {@link Long}; one that does not fit is a {@link java.math.BigInteger}, which no parameter
 * accepts, so that its refusal can name the parameter. Other numbers are {@link Double}. Objects keep the order of
 * their members; a member that comes twice and half a surrogate pair are errors. Not for several threads.
 */
public final class JsonReader {
    /** SPDK's figure. */
    private static final int MAX_DEPTH = 64;

    private static final int MAX_NUMBER_CHARACTERS = 400;
    /** Kept before the input, as the parser wants four bytes before it looks at the first. */
    private static final byte[] LEAD = "    ".getBytes(StandardCharsets.US_ASCII);

    private final JsonParser parser;
    private final Limits limits;
    private Object document;
    private long startByte;
    private int values;
    private boolean inDocument;

    /**
     * How large one document may be.
     *
     * @param bytes its length
     * @param values how many values it may hold: each scalar, array and object, itself included
     */
    public record Limits(int bytes, int values) {}

    private JsonReader(InputStream input, Limits limits, boolean comments) {
        JsonFactory factory = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                .maxNestingDepth(MAX_DEPTH + 1)
                .maxNumberLength(limits.bytes())
                .maxStringLength(limits.bytes())
                .maxNameLength(limits.bytes())
                .build())
            .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
            .configure(JsonReadFeature.ALLOW_JAVA_COMMENTS, comments)
            .build();
        this.parser = factory.createParser(ObjectReadContext.empty(), new Led(new Utf8Input(input)));
        this.limits = limits;
    }

    /** A reader of what a peer sends. */
    public static JsonReader of(InputStream input, Limits limits) {
        return new JsonReader(input, limits, false);
    }

    /** A reader of what a person wrote, with comments as in Java. */
    public static JsonReader withComments(InputStream input, Limits limits) {
        return new JsonReader(input, limits, true);
    }

    /**
     * Reads the next document.
     *
     * @return false when the stream ended before one began
     * @throws JsonException when the text is not JSON or too large; the reader cannot go on after that
     */
    public boolean next() throws IOException, JsonException {
        try {
            JsonToken token = parser.nextToken();
            if (token == null) {
                return false;
            }
            startByte = parser.currentTokenLocation().getByteOffset();
            values = 0;
            inDocument = true;
            document = value(token, 1);
            inDocument = false;
            return true;
        } catch (JacksonIOException e) {
            if (e.getCause() instanceof CharacterCodingException) {
                throw here("the text is not UTF-8");
            }
            throw new IOException(e.getMessage(), e.getCause());
        } catch (StreamConstraintsException e) {
            throw tooLong();
        } catch (JacksonException e) {
            throw unreadable(e);
        }
    }

    /** The document that was read last. */
    public Object document() {
        return document;
    }

    /** Whether a document that is not a scalar has begun and not ended; for the input, when it is read. */
    public boolean isInDocument() {
        return inDocument;
    }

    private Object value(JsonToken token, int depth) throws JsonException {
        count(depth);
        return switch (token) {
            case START_OBJECT -> object(depth);
            case START_ARRAY -> array(depth);
            case VALUE_STRING -> text(parser.getString());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(token == JsonToken.VALUE_NUMBER_INT);
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            case VALUE_NULL -> null;
            default -> throw here("unexpected " + token);
        };
    }

    private Map<String, Object> object(int depth) throws JsonException {
        Map<String, Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = text(parser.currentName());
            if (members.containsKey(name)) {
                throw here("the member " + name + " comes twice");
            }
            members.put(name, value(parser.nextToken(), depth + 1));
        }
        checkLength();
        return members;
    }

    private List<Object> array(int depth) throws JsonException {
        List<Object> elements = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            elements.add(value(token, depth + 1));
        }
        checkLength();
        return elements;
    }

    private Number number(boolean whole) throws JsonException {
        if (parser.getStringLength() > MAX_NUMBER_CHARACTERS) {
            throw here("a number of more than " + MAX_NUMBER_CHARACTERS + " digits");
        } else if (!whole) {
            return parser.getDoubleValue();
        }
        Number number = parser.getNumberValue();
        return number instanceof Integer ? (Long) number.longValue() : number;
    }

    private void count(int depth) throws JsonException {
        checkLength();
        if (depth > MAX_DEPTH) {
            throw here("nested deeper than " + MAX_DEPTH);
        } else if (++values > limits.values()) {
            throw tooLarge("more than " + limits.values() + " values");
        }
    }

    private void checkLength() throws JsonException {
        if (parser.currentLocation().getByteOffset() - startByte > limits.bytes()) {
            throw tooLong();
        }
    }

    private String text(String text) throws JsonException {
        checkLength();
        for (int i = 0; i < text.length(); i++) {
            if (i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(text.charAt(i))) {
                throw here("half a surrogate pair in a string");
            }
        }
        return text;
    }

    private JsonException tooLong() {
        return tooLarge("longer than " + limits.bytes() + " bytes");
    }

    private JsonException tooLarge(String what) {
        return at(parser.currentLocation(), what, true);
    }

    private JsonException here(String what) {
        return at(parser.currentLocation(), what, false);
    }

    private static JsonException unreadable(JacksonException e) {
        return at(e.getLocation(), e.getOriginalMessage().lines().findFirst().orElse("not JSON"), false);
    }

    private static JsonException at(TokenStreamLocation location, String what, boolean tooLarge) {
        int lead = location.getLineNr() == 1 ? LEAD.length : 0;
        return new JsonException(what, location.getLineNr(), location.getColumnNr() - lead, tooLarge);
    }

    /** The input with the lead before it. */
    private static final class Led extends BlockInput {
        private final InputStream input;
        private boolean led;

        Led(InputStream input) {
            this.input = input;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (led || length < LEAD.length) {
                return input.read(target, offset, length);
            }
            led = true;
            System.arraycopy(LEAD, 0, target, offset, LEAD.length);
            return LEAD.length;
        }
    }
}
