package dev.karst.shell;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import dev.karst.rpc.RpcRegistry;
import dev.karst.shell.text.Screen;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A command that shows what happens between two looks, in place, until the user presses q or {@code ^C}. Where nobody can
 * press a key it looks once, or as often as it is told.
 *
 * @param <S> what a look sees
 */
abstract class LiveCommand<S> extends OwnCommand {
    private static final String INTERVAL = "interval";
    private static final String COUNT = "count";
    private static final String ONCE = "once";
    private static final long DEFAULT_SECONDS = 1;
    private static final long MS_PER_SECOND = 1000;
    /** So that there is something to see soon. */
    private static final long FIRST_MS = 300;

    private final Pause pause;

    /** Lets time pass. */
    @FunctionalInterface
    interface Pause {
        void ofMs(long ms) throws InterruptedException;
    }

    LiveCommand(RpcRegistry registry, RpcMethod description, Supplier<PrintStream> output, Pause pause) {
        super(registry, description, output);
        this.pause = pause;
    }

    /** Begins the description of such a command. */
    static RpcMethod.Builder live(String scope, String name, String doc, RpcParameter... parameters) {
        return described(scope, name, doc).takes(parameters).takes(
            RpcParameter.optional(INTERVAL, Type.U16, "Seconds between two looks").initially("1"),
            RpcParameter.optional(COUNT, Type.U32, "How often to show it, one under the other")
                .initially("until q or ^C at a terminal, else 1"),
            RpcParameter.optional(ONCE, Type.BOOLEAN, "Show it once").initially("false"));
    }

    @Override
    final void run(Screen screen, Arguments arguments) throws StorageException {
        Map<String, Object> given = arguments.parameters();
        long intervalMs = Math.max(1, number(given, INTERVAL, DEFAULT_SECONDS)) * MS_PER_SECOND;
        boolean counted = given.containsKey(COUNT) || Boolean.TRUE.equals(given.get(ONCE));
        if (screen.isInteractive() && !counted && arguments.format() == Arguments.Format.TEXT) {
            refresh(screen, given, intervalMs);
        } else {
            long count = Boolean.TRUE.equals(given.get(ONCE)) ? 1 : number(given, COUNT, 1);
            print(screen, arguments, intervalMs, count);
        }
    }

    private static long number(Map<String, Object> given, String name, long otherwise) {
        return given.get(name) instanceof Long number ? number : otherwise;
    }

    private void refresh(Screen screen, Map<String, Object> given, long intervalMs) throws StorageException {
        ResultPrinter printer = new ResultPrinter(screen, description().columns());
        Looks looks = new Looks(given);
        pause(Math.min(FIRST_MS, intervalMs));
        screen.<StorageException>refresh(() -> printer.lines(looks.next()), intervalMs);
    }

    private void print(Screen screen, Arguments arguments, long intervalMs, long count) throws StorageException {
        ResultPrinter printer = new ResultPrinter(screen, description().columns());
        Looks looks = new Looks(arguments.parameters());
        for (long shown = 0; shown < count; shown++) {
            pause(intervalMs);
            printer.print(looks.next(), arguments.format());
        }
    }

    /** {@code ^C} ends the command. */
    private void pause(long ms) throws StorageException {
        try {
            pause.ofMs(ms);
        } catch (InterruptedException e) {
            throw StorageException.errno(Errno.EINTR, "interrupted");
        }
    }

    /** The last look, for the next to be compared with. */
    private final class Looks {
        private final Map<String, Object> given;
        private S last;

        Looks(Map<String, Object> given) throws StorageException {
            this.given = given;
            this.last = look(given);
        }

        List<Map<String, Object>> next() throws StorageException {
            S before = last;
            last = look(given);
            return rows(before, last);
        }
    }

    /**
     * Looks.
     *
     * @param given what the user gave
     */
    abstract S look(Map<String, Object> given) throws StorageException;

    /** What happened between two looks: objects as the columns are of. */
    abstract List<Map<String, Object>> rows(S before, S after);

    /** What a figure grew by; what was reset meanwhile began at nothing. */
    static long grown(Map<?, ?> before, Map<?, ?> after, String name) {
        long now = figure(after, name);
        long then = before == null ? 0 : figure(before, name);
        return now < then ? now : now - then;
    }

    /** A figure; 0 when it is not there. */
    static long figure(Map<?, ?> object, String name) {
        return object.get(name) instanceof Long number ? number : 0;
    }
}
