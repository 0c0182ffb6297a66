package dev.karst.bdev;

/**
 * A right to a device that others must respect; held by a descriptor until it is released or closed. While a device is
 * claimed, nobody else opens it for writing, whatever the type of the claim.
 *
 * @param type what is claimed
 * @param key for {@link Type#READ_MANY_WRITE_SHARED}, what all who share it must give, not 0; else 0
 * @param owner who claims, for people to read
 */
public record Claim(Type type, long key, String owner) {
    private static final long SERVING_KEY = 0x5e57;

    /** What is claimed. The descriptor may write from then on, unless nobody may. */
    public enum Type {
        /** One holder, who may write. Those who had it open for writing before still may. */
        EXCLUSIVE_WRITE,
        /** One holder, who alone may write. */
        READ_MANY_WRITE_ONE,
        /** Any number of holders; nobody may write. */
        READ_MANY_WRITE_NONE,
        /** Any number of holders with the same key, who alone may write. */
        READ_MANY_WRITE_SHARED
    }

    /** The usual one. */
    public static Claim exclusive(String owner) {
        return new Claim(Type.EXCLUSIVE_WRITE, 0, owner);
    }

    /** Of those who serve a device to hosts, by other protocols or to other guests: no two of them have the same owner. */
    public static Claim serving(String owner) {
        return new Claim(Type.READ_MANY_WRITE_SHARED, SERVING_KEY, owner);
    }

    /** Whether it is one of those. */
    public boolean isServing() {
        return type == Type.READ_MANY_WRITE_SHARED && key == SERVING_KEY;
    }
}
