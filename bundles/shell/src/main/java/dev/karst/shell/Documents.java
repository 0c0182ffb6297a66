package dev.karst.shell;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Files that hold one document, as JSON or YAML 1.2; the first is a part of the second. */
final class Documents {
    private static final int MOST_CHARACTERS = 32 << 20;
    /** Aliases would let a small file hold much. */
    private static final int MOST_ALIASES = 16;

    private static final LoadSettings SETTINGS = LoadSettings.builder()
        .setCodePointLimit(MOST_CHARACTERS).setMaxAliasesForCollections(MOST_ALIASES).setAllowDuplicateKeys(false).build();

    private Documents() {}

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException naming the file, and the line of what is wrong
     */
    static Map<?, ?> read(String name) {
        try {
            if (plain(new Load(SETTINGS).loadFromString(Files.readString(Path.of(name)))) instanceof Map<?, ?> document) {
                return document;
            }
            throw new IllegalArgumentException(name + " does not hold an object");
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("there is no file " + name, e);
        } catch (IOException | InvalidPathException e) {
            throw new IllegalArgumentException(name + " cannot be read: " + e.getMessage(), e);
        } catch (MarkedYamlEngineException e) {
            String where = e.getProblemMark().map(mark -> ", line " + (mark.getLine() + 1)).orElse("");
            throw new IllegalArgumentException(name + where + ": " + e.getProblem(), e);
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
        }
    }

    /** The same as plain values of the registry. */
    private static Object plain(Object value) {
        return switch (value) {
            case Map<?, ?> object -> {
                SequencedMap<String, Object> copy = new LinkedHashMap<>();
                object.forEach((name, member) -> copy.put(String.valueOf(name), plain(member)));
                yield copy;
            }
            case List<?> list -> list.stream().map(Documents::plain).toList();
            case BigInteger number -> number;
            case Double number -> number;
            case Number number -> number.longValue();
            case null, default -> value;
        };
    }
}
