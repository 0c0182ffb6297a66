package dev.karst.iscsi.model;

/**
 * Whether initiators have to say by CHAP who they are.
 *
 * @param disabled CHAP is never used
 * @param required nobody comes in without
 * @param mutual the target has to say who it is too
 * @param group tag of the group whose secrets are good; 0 for none
 */
public record AuthPolicy(boolean disabled, boolean required, boolean mutual, int group) {
    /** CHAP for whom it is asked by. */
    public static final AuthPolicy FREE = new AuthPolicy(false, false, false, 0);

    /** What stands in the way of it, or null. */
    public String problem() {
        if (disabled && (required || mutual)) {
            return "disable_chap and require_chap or mutual_chap contradict each other";
        }
        return mutual && !required ? "mutual_chap is for require_chap only" : null;
    }

    /** Whether CHAP may be used at all. */
    public boolean allows() {
        return !disabled && (required || group != 0);
    }
}
