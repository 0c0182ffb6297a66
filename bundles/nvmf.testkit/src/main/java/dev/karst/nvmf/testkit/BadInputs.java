package dev.karst.nvmf.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The bad inputs, as data: files of lines, each a row of cases. {@link BadInputPlayer} says what steps there are. The steps
 * between {@code repeat N} and {@code end} are done N times, with the numbers from 1 to N where they say {@code #}.
 *
 * <pre>
 * row N-03 ICReq with a wrong length
 * note where the standard says something else than the table of bad inputs
 * case PLEN one too large
 *   send icreq plen=129
 *   expect term fes=1 fei=4
 *   expect closed
 * </pre>
 */
public final class BadInputs {
    private static final String FOLDER = "bad-input/";

    private BadInputs() {}

    /** A case: what is done in order. */
    public record Case(String row, String name, List<String> steps) {
        /** Whether it lasts for seconds of the target's time. */
        public boolean isSlow() {
            return steps.stream().anyMatch(step -> step.startsWith("pass ") || step.startsWith("expect closed within="));
        }

        @Override
        public String toString() {
            return row + ": " + name;
        }
    }

    /** Whether there is a file for the row. */
    public static boolean has(String row) {
        return BadInputs.class.getResource(FOLDER + row + ".txt") != null;
    }

    /** All cases of a row's file, such as {@code N-03}. */
    public static List<Case> of(String row) {
        return of(BadInputs.class, row);
    }

    /** All cases of a row's file in a folder beside a class. */
    public static List<Case> of(Class<?> neighbour, String row) {
        try (InputStream in = neighbour.getResourceAsStream(FOLDER + row + ".txt")) {
            if (in == null) {
                throw new IllegalArgumentException("there is no " + FOLDER + row + ".txt");
            }
            return parse(new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All cases of those of rows {@code N-first} to {@code N-last} that there are. */
    public static List<Case> rows(int first, int last) {
        List<Case> cases = new ArrayList<>();
        for (int number = first; number <= last; number++) {
            String row = String.format("N-%02d", number);
            if (has(row)) {
                cases.addAll(of(row));
            }
        }
        return cases;
    }

    private static List<Case> parse(BufferedReader lines) throws IOException {
        List<Case> cases = new ArrayList<>();
        String row = "";
        List<String> steps = null;
        List<String> repeated = new ArrayList<>();
        int times = 1;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#") || text.startsWith("note ")) {
                continue;
            }
            if (text.startsWith("row ")) {
                row = text.substring(4, text.indexOf(' ', 4));
            } else if (text.startsWith("case ")) {
                steps = new ArrayList<>();
                cases.add(new Case(row, text.substring(5), steps));
            } else if (steps == null) {
                throw new IOException("a step before the first case: " + text);
            } else if (text.startsWith("repeat ")) {
                times = Integer.parseInt(text.substring(7));
            } else if (text.equals("end")) {
                repeat(repeated, times, steps);
                repeated.clear();
                times = 1;
            } else {
                (times > 1 ? repeated : steps).add(text);
            }
        }
        return cases;
    }

    private static void repeat(List<String> repeated, int times, List<String> steps) {
        for (int i = 1; i <= times; i++) {
            for (String step : repeated) {
                steps.add(step.replace("#", Integer.toString(i)));
            }
        }
    }
}
