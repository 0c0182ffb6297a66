package dev.karst.shell.text;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.karaf.shell.api.console.Terminal;
import org.apache.karaf.shell.impl.console.JLineTerminal;
import org.jline.terminal.Size;
import org.jline.terminal.impl.ExternalTerminal;

/** A terminal of 80 columns and 5 lines with somebody at its keys. */
public final class Typist implements AutoCloseable {
    private static final int COLUMNS = 80;
    private static final int LINES = 5;

    private final JLineTerminal terminal;

    public Typist(String keys) throws IOException {
        terminal = new JLineTerminal(new ExternalTerminal("typist", "ansi",
            new ByteArrayInputStream(keys.getBytes(StandardCharsets.US_ASCII)), new ByteArrayOutputStream(), StandardCharsets.UTF_8));
        terminal.setSize(new Size(COLUMNS, LINES));
    }

    public Terminal terminal() {
        return terminal;
    }

    @Override
    public void close() throws IOException {
        terminal.close();
    }
}
