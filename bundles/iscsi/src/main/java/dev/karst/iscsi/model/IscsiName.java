package dev.karst.iscsi.model;

import java.util.List;

/** The rules for iSCSI names. RFC 7143, 4.2.7; RFC 3722. */
public final class IscsiName {
    /** Most characters of a name. */
    public static final int MAX_LENGTH = 223;

    private static final List<String> TYPES = List.of("iqn.", "eui.", "naa.");
    private static final int DELETE = 0x7f;

    private IscsiName() {}

    /** Whether a name says its type; one that does not is to get the node base in front. */
    public static boolean hasType(String name) {
        return TYPES.stream().anyMatch(name::startsWith);
    }

    /** Whether a node may have that name, or one that begins so: as initiators normalize names, with up to {@code most} characters. */
    public static boolean isNormal(String name, int most) {
        return name.length() <= most && name.matches("(iqn|eui|naa)\\.[a-z0-9.:_-]+");
    }

    /** Whether an initiator may say that it is called so; it may use letters of all kinds. */
    public static boolean isSayable(String name) {
        return hasType(name) && isWord(name) && name.chars().noneMatch(c -> c == DELETE || c == ',');
    }

    /** Whether a text is as long as a name may be, and without spaces. */
    public static boolean isWord(String text) {
        return !text.isEmpty() && text.length() <= MAX_LENGTH && text.chars().noneMatch(c -> c <= ' ');
    }
}
