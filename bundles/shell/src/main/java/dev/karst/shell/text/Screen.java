package dev.karst.shell.text;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.List;
import org.apache.felix.service.command.Process;
import org.apache.karaf.shell.api.console.Session;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.utils.NonBlockingReader;

/** Where a command's output goes: a terminal, or a pipe, a file or a client without one. The command's thread. */
public final class Screen {
    /** Columns where there is no terminal, or one that does not say. */
    public static final int USUAL_WIDTH = 100;

    private static final String HOME = "\033[H";
    private static final String TO_END_OF_LINE = "\033[K";
    private static final String TO_END_OF_SCREEN = "\033[J";
    private static final String CLEAR = "\033[2J";
    private static final int STANDARD_OUTPUT = 1;
    private static final int CONTROL_C = 3;

    private final PrintStream out;
    private final Terminal terminal;

    private Screen(PrintStream out, Terminal terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** The screen of a command that runs in a session and prints to {@code out}. */
    public static Screen of(Session session, PrintStream out) {
        Process process = Process.Utils.current();
        boolean piped = process != null && !process.isTty(STANDARD_OUTPUT);
        return new Screen(out, !piped && session.getTerminal() instanceof Terminal jline ? jline : null);
    }

    public PrintStream out() {
        return out;
    }

    /** Whether a person looks at it and has keys. */
    public boolean isInteractive() {
        return terminal != null;
    }

    public int width() {
        return terminal == null || terminal.getWidth() <= 0 ? USUAL_WIDTH : terminal.getWidth();
    }

    /** Whether these characters come out as they are. */
    boolean canShow(String text) {
        Charset charset = terminal == null ? out.charset() : terminal.encoding();
        return charset.newEncoder().canEncode(text);
    }

    /** Something that is shown again and again in place of itself. */
    @FunctionalInterface
    public interface View<E extends Exception> {
        /**
         * Its lines now.
         *
         * @return null when there is nothing more to show
         */
        List<String> lines() throws E;
    }

    /**
     * Shows a view at once and then at intervals until the user presses q or ^C; only for a screen that is interactive.
     *
     * @throws E what the view throws
     */
    public <E extends Exception> void refresh(View<E> view, long intervalMs) throws E {
        Attributes before = terminal.enterRawMode();
        out.print(CLEAR);
        try {
            List<String> lines = view.lines();
            while (lines != null) {
                show(lines);
                lines = isLeft(intervalMs) ? null : view.lines();
            }
        } finally {
            terminal.setAttributes(before);
        }
    }

    /** Shows a line that the next takes the place of, at a terminal only; an empty one wipes it away. */
    public void status(String line) {
        if (isInteractive()) {
            out.print("\r" + line + TO_END_OF_LINE);
            out.flush();
        }
    }

    private void show(List<String> lines) {
        int most = terminal.getHeight() > 1 ? terminal.getHeight() - 1 : lines.size();
        StringBuilder text = new StringBuilder(HOME);
        lines.stream().limit(most).forEach(line -> text.append(line).append(TO_END_OF_LINE).append("\r\n"));
        out.print(text.append(TO_END_OF_SCREEN));
        out.flush();
    }

    /** Waits for a key that ends a view; {@code ^C} comes as a key or as an interrupt, by terminal. */
    private boolean isLeft(long waitMs) {
        try {
            int key = terminal.reader().read(waitMs);
            return key == 'q' || key == 'Q' || key == CONTROL_C || key == NonBlockingReader.EOF;
        } catch (InterruptedIOException e) {
            return true;
        } catch (IOException e) {
            // a terminal that has gone shows nothing more
            return true;
        }
    }
}
