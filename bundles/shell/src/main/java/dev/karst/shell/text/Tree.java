package dev.karst.shell.text;

import java.util.ArrayList;
import java.util.List;

/** Things under things, drawn with lines. */
public final class Tree {
    private static final String LINES = "├└│─…";

    private final int width;
    private final boolean drawn;
    private final List<String> lines = new ArrayList<>();

    /**
     * A thing.
     *
     * @param name what it is called
     * @param about more about it; may be empty
     * @param children what stands on it
     */
    public record Node(String name, String about, List<Node> children) {
        String text() {
            return about.isEmpty() ? name : name + "  " + about;
        }
    }

    private Tree(Screen screen) {
        this.width = screen.width();
        this.drawn = screen.canShow(LINES);
    }

    /** The lines of these trees, no wider than the screen. */
    public static List<String> lines(Screen screen, List<Node> roots) {
        Tree tree = new Tree(screen);
        for (Node root : roots) {
            tree.add(root.text());
            tree.draw(root.children(), "");
        }
        return tree.lines;
    }

    private void draw(List<Node> nodes, String indent) {
        for (Node node : nodes) {
            boolean last = node == nodes.getLast();
            add(indent + branch(last) + node.text());
            draw(node.children(), indent + (last ? "   " : drawn ? "│  " : "|  "));
        }
    }

    private String branch(boolean last) {
        if (drawn) {
            return last ? "└─ " : "├─ ";
        }
        return last ? "`- " : "|- ";
    }

    private void add(String line) {
        lines.add(Table.cut(line, width, drawn));
    }
}
