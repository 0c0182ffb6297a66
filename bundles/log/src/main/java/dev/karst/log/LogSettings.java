package dev.karst.log;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Settings of Log4j as properties, seen and changed as SPDK's levels and flags. */
final class LogSettings {
    /** SPDK's levels, each at the place of its counterpart. */
    static final List<String> LEVELS = List.of("ERROR", "WARNING", "NOTICE", "INFO", "DEBUG");

    private static final List<String> COUNTERPARTS = List.of("ERROR", "WARN", "INFO", "DEBUG", "TRACE");
    /** SPDK's word for a level that lets nothing pass. */
    private static final String DISABLED = "DISABLED";
    private static final String ROOT_LEVEL = "log4j2.rootLogger.level";
    private static final String CONSOLE_LEVEL = "log4j2.rootLogger.appenderRef.console.filter.threshold.level";
    private static final String LOGGER = "log4j2.logger.karst";
    private static final String NAME = ".name";
    private static final String LEVEL = ".level";
    private static final String PACKAGE = "dev.karst";
    private static final String PATTERN = ".layout.pattern";
    private static final String TIME = "%d{ISO8601} | ";

    private final Map<String, Object> settings;

    /** Looks at these, and changes them. */
    LogSettings(Map<String, Object> settings) {
        this.settings = settings;
    }

    private String text(String key, String otherwise) {
        Object value = settings.get(key);
        return value == null ? otherwise : value.toString();
    }

    /** What the log file gets of Karst. */
    String level() {
        return word(text(LOGGER + LEVEL, text(ROOT_LEVEL, "INFO")));
    }

    void level(String level) {
        settings.put(LOGGER + NAME, PACKAGE);
        settings.put(LOGGER + LEVEL, counterpart(level));
    }

    /** What the console gets. */
    String printLevel() {
        return word(text(CONSOLE_LEVEL, "OFF"));
    }

    void printLevel(String level) {
        settings.put(CONSOLE_LEVEL, counterpart(level));
    }

    private static String word(String counterpart) {
        int place = COUNTERPARTS.indexOf(counterpart);
        return place < 0 ? DISABLED : LEVELS.get(place);
    }

    private static String counterpart(String level) {
        return COUNTERPARTS.get(LEVELS.indexOf(level));
    }

    /** The flag of a bundle, by the last part of its symbolic name. */
    static String flag(String bundle) {
        return bundle.replace('.', '_');
    }

    boolean isOn(String bundle) {
        return settings.containsKey(logger(bundle) + LEVEL);
    }

    void turn(String bundle, boolean on) {
        if (on) {
            settings.put(logger(bundle) + NAME, PACKAGE + "." + bundle);
            settings.put(logger(bundle) + LEVEL, "DEBUG");
        } else {
            settings.remove(logger(bundle) + NAME);
            settings.remove(logger(bundle) + LEVEL);
        }
    }

    private static String logger(String bundle) {
        return LOGGER + "_" + flag(bundle);
    }

    /** Whether lines begin with the time, in all outputs that have a pattern. */
    void timestamps(boolean on) {
        Map<String, Object> patterns = settings.entrySet().stream().filter(entry -> entry.getKey().endsWith(PATTERN))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        patterns.forEach((key, value) -> {
            String without = value.toString().replace(TIME, "");
            settings.put(key, on ? TIME + without : without);
        });
    }
}
