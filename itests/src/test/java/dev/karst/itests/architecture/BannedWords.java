package dev.karst.itests.architecture;

import java.util.ArrayList;
import java.util.List;

/** Reads cnf/banned.txt and holds sources against it. */
final class BannedWords {
    private final List<Ban> bans = new ArrayList<>();

    /** One line of the file. */
    private record Ban(String word, String instead, List<String> allowed) {
        boolean appliesTo(SourceFile source) {
            return allowed.stream().noneMatch(path -> source.path().startsWith(path + "/"));
        }
    }

    BannedWords(List<String> lines) {
        for (String line : lines) {
            if (!line.isBlank() && !line.startsWith("#")) {
                String[] cells = line.split("\\|", -1);
                bans.add(new Ban(cells[0].strip(), cells[1].strip(), words(cells[2])));
            }
        }
    }

    private static List<String> words(String cell) {
        return cell.isBlank() ? List.of() : List.of(cell.strip().split("\\s+"));
    }

    List<String> find(SourceFile source) {
        List<String> found = new ArrayList<>();
        List<String> lines = source.code().lines().toList();
        for (Ban ban : bans) {
            for (int i = 0; ban.appliesTo(source) && i < lines.size(); i++) {
                if (lines.get(i).contains(ban.word())) {
                    found.add(source.path() + ":" + (i + 1) + ": " + ban.word() + " is banned: use " + ban.instead());
                }
            }
        }
        return found;
    }
}
