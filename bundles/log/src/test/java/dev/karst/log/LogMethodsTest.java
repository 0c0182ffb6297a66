package dev.karst.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcError;
import dev.karst.rpc.RpcMethod;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** SPDK's methods about logging, on settings such as the distribution has. */
class LogMethodsTest {
    private static final String FILE_PATTERN = "log4j2.appender.rolling.layout.pattern";
    private static final String CONSOLE = "log4j2.rootLogger.appenderRef.console.filter.threshold.level";

    private final Map<String, Object> kept = new HashMap<>(Map.of(
        "log4j2.rootLogger.level", "INFO", CONSOLE, "OFF", FILE_PATTERN, "%d{ISO8601} | %m%n"));
    private final LogMethods log = new LogMethods(new LogMethods.Store() {
        @Override
        public Map<String, Object> read() {
            return new HashMap<>(kept);
        }

        @Override
        public void write(Map<String, Object> settings) {
            kept.clear();
            kept.putAll(settings);
        }

        @Override
        public List<String> bundles() {
            return List.of("nvmf", "bdev.malloc");
        }
    });

    private Object call(String name, Map<String, Object> parameters) throws StorageException {
        RpcMethod found = log.methods().stream().filter(method -> method.name().equals(name)).findFirst().orElseThrow();
        return found.handler().call(RpcChecks.check(found, parameters));
    }

    @Test
    void shouldGiveTheLevelThatWasSetWhenAskedInSpdksWords() throws Exception {
        assertEquals("NOTICE", call("log_get_level", Map.of()));
        for (String level : List.of("ERROR", "WARNING", "NOTICE", "INFO", "DEBUG")) {
            assertEquals(true, call("log_set_level", Map.of("level", level)));
            assertEquals(level, call("log_get_level", Map.of()));
        }
        assertEquals("dev.karst", kept.get("log4j2.logger.karst.name"));
        assertEquals("TRACE", kept.get("log4j2.logger.karst.level"));
        assertEquals("INFO", kept.get("log4j2.rootLogger.level"));
    }

    @Test
    void shouldSetWhatTheConsoleGetsWhenThePrintLevelIsSet() throws Exception {
        assertEquals("DISABLED", call("log_get_print_level", Map.of()));
        call("log_set_print_level", Map.of("level", "warning"));
        assertEquals("WARN", kept.get(CONSOLE));
        assertEquals("WARNING", call("log_get_print_level", Map.of()));
    }

    @Test
    void shouldLetABundleLogMoreWhenItsFlagIsSet() throws Exception {
        assertEquals(Map.of("bdev_malloc", false, "nvmf", false), call("log_get_flags", Map.of()));
        call("log_set_flag", Map.of("flag", "bdev_malloc"));
        assertEquals(Map.of("bdev_malloc", true, "nvmf", false), call("log_get_flags", Map.of()));
        assertEquals("dev.karst.bdev.malloc", kept.get("log4j2.logger.karst_bdev_malloc.name"));
        call("log_set_flag", Map.of("flag", "all"));
        call("log_clear_flag", Map.of("flag", "bdev_malloc"));
        assertEquals(Map.of("bdev_malloc", false, "nvmf", true), call("log_get_flags", Map.of()));
        assertFalse(kept.containsKey("log4j2.logger.karst_bdev_malloc.level"));
    }

    @Test
    void shouldRefuseAFlagWhenNoBundleHasIt() {
        var refusal = assertThrows(StorageException.class, () -> call("log_set_flag", Map.of("flag", "vmd")));
        assertEquals(RpcError.INVALID_PARAMS, refusal.code());
    }

    @Test
    void shouldTakeNothingForTheSettingsWhenTheyAreNotLoadedYet() throws Exception {
        assertEquals(-Errno.EAGAIN, assertThrows(StorageException.class, () -> PaxLogging.settings(null)).code());
        assertEquals(kept, PaxLogging.settings(new Hashtable<>(kept)));
    }

    @Test
    void shouldLeaveTheTimeOutWhenTimestampsAreOff() throws Exception {
        call("log_enable_timestamps", Map.of("enabled", false));
        assertEquals("%m%n", kept.get(FILE_PATTERN));
        call("log_enable_timestamps", Map.of("enabled", true));
        call("log_enable_timestamps", Map.of("enabled", true));
        assertEquals("%d{ISO8601} | %m%n", kept.get(FILE_PATTERN));
    }
}
