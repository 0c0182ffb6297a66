package dev.karst.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.rpc.RpcMethod;
import dev.karst.shell.text.Typist;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.karaf.shell.support.CommandException;
import org.junit.jupiter.api.Test;

class LiveCommandTest {
    private final List<Long> pauses = new ArrayList<>();
    private final Console console = new Console();
    private long looks;

    private Map<String, Object> iostat() {
        long k = looks++;
        Map<String, Object> bdev = new LinkedHashMap<>();
        bdev.put("name", "ram0");
        bdev.put("bytes_read", k * (4 << 20));
        bdev.put("num_read_ops", k * 100);
        bdev.put("read_latency_ticks", k * 100 * 250);
        bdev.put("num_write_ops", 1000 - k);
        bdev.put("io_error", Map.of("failed", 3L));
        return Map.of("tick_rate", 1_000_000L, "ticks", k * 2_000_000, "bdevs", List.of(bdev));
    }

    private IostatCommand iostatCommand() {
        console.methods.put("bdev_get_iostat",
            RpcMethod.named("bdev_get_iostat", "bdev", "get-iostat", "Gives counts").relaxed().does(call -> iostat()));
        return new IostatCommand(console, console::output, pauses::add);
    }

    @Test
    void shouldShowRatesOnceWhenThereIsNoTerminal() throws Exception {
        assertEquals("ram0\t50\t2.0\t250\t500\t0.0\t0\t0\t0.0\t3\n", console.run(iostatCommand(), "--no-format --interval 2"));
        assertEquals(List.of(2000L), pauses);
    }

    @Test
    void shouldShowAsOftenAsToldWhenCounted() throws Exception {
        assertEquals(3, console.run(iostatCommand(), "--no-format --count 3").lines().count());
        assertEquals(List.of(1000L, 1000L, 1000L), pauses);
    }

    @Test
    void shouldEndInOneLineWhenInterrupted() {
        iostatCommand();
        IostatCommand interrupted = new IostatCommand(console, console::output, ms -> {
            throw new InterruptedException();
        });
        assertEquals("bdev:iostat: interrupted",
            assertThrows(CommandException.class, () -> console.run(interrupted, "")).getNiceHelp());
    }

    @Test
    void shouldShowBusyShareOfIntervalWhenReactorWorked() throws Exception {
        console.methods.put("reactor_get_reactors", RpcMethod.named("reactor_get_reactors", "reactor", "list", "Lists").does(call -> {
            long k = looks++;
            return List.of(Map.of("id", 0L, "processor", 1L, "idle_policy", "adaptive", "busy_ns", k * 250_000_000, "elapsed_ns",
                k * 1_000_000_000, "rounds", k * 40, "sleeps", 7L, "pollers", 2L, "timers", 1L));
        }));
        assertEquals("0\t1\tadaptive\t25.0\t40\t0\t0\t2\t1\t0\t0\n",
            console.run(new TopCommand(console, console::output, pauses::add), "--once --no-format"));
    }

    @Test
    void shouldRefreshInPlaceWhenAtTerminalUntilQ() throws Exception {
        try (Typist typist = new Typist("xq")) {
            console.terminal = typist.terminal();
            String shown = console.run(iostatCommand(), "");
            assertEquals(3, shown.split("\033\\[H", -1).length, shown);
            assertTrue(shown.contains("ram0"), shown);
            assertTrue(shown.lines().allMatch(line -> line.replaceAll("\033\\[[0-9]*[A-Z]", "").length() <= 80), shown);
        }
    }
}
