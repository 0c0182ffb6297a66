package dev.karst.shell.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Rows under headings, no wider than the screen: the widest column gives way. Numbers stand at the right. */
public final class Table {
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?");
    private static final int LEAST_WIDTH = 3;
    private static final int GAP = " | ".length();
    private static final String LINES = "│─┼…";

    private final List<String> headings;
    private final List<List<String>> rows;
    private final boolean drawn;
    private final int[] widths;
    private final boolean[] right;

    /**
     * @param headings one for each column
     * @param rows each with a cell for each column
     */
    public Table(Screen screen, List<String> headings, List<List<String>> rows) {
        this.headings = headings;
        this.rows = rows;
        this.drawn = screen.canShow(LINES);
        this.widths = widths(screen.width());
        this.right = new boolean[headings.size()];
        IntStream.range(0, right.length).forEach(column -> right[column] = isNumeric(column));
    }

    private int[] widths(int most) {
        int[] needed = IntStream.range(0, headings.size()).map(this::needed).toArray();
        int over = IntStream.of(needed).sum() + GAP * (needed.length - 1) - most;
        while (over > 0) {
            int widest = widest(needed);
            if (needed[widest] <= LEAST_WIDTH) {
                break;
            }
            needed[widest]--;
            over--;
        }
        return needed;
    }

    private int needed(int column) {
        int cells = rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
        return Math.max(cells, headings.get(column).length());
    }

    private static int widest(int[] widths) {
        return IntStream.range(0, widths.length).reduce(0, (best, next) -> widths[next] > widths[best] ? next : best);
    }

    private boolean isNumeric(int column) {
        return !rows.isEmpty() && rows.stream().allMatch(row -> NUMBER.matcher(row.get(column)).matches());
    }

    /** The headings, a rule, and the rows. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(line(headings));
        String dash = drawn ? "─" : "-";
        List<String> rules = Arrays.stream(widths).mapToObj(dash::repeat).toList();
        lines.add(String.join(drawn ? "─┼─" : "-+-", rules));
        rows.forEach(row -> lines.add(line(row)));
        return lines;
    }

    private String line(List<String> cells) {
        List<String> padded = IntStream.range(0, widths.length).mapToObj(column -> cell(cells.get(column), column)).toList();
        return String.join(drawn ? " │ " : " | ", padded).stripTrailing();
    }

    private String cell(String text, int column) {
        int width = widths[column];
        String shown = cut(text, width, drawn);
        String space = " ".repeat(width - shown.length());
        return right[column] ? space + shown : shown + space;
    }

    /** A text, cut to a width if it is longer; a sign says so. */
    static String cut(String text, int width, boolean drawn) {
        if (text.length() <= width) {
            return text;
        }
        String sign = drawn ? "…" : "..";
        return text.substring(0, Math.max(0, width - sign.length())) + sign;
    }
}
