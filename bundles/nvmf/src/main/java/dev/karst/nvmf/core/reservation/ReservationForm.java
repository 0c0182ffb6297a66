package dev.karst.nvmf.core.reservation;

import dev.karst.base.SealedText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * The reservations of a namespace as lines of text, the last with the CRC32C of those before it.
 *
 * <pre>
 * karst-reservations 1
 * namespace 5f0c...                    the UUID of the namespace
 * generation 7
 * persistent 1
 * reservation 1 6a41...                the type and the holder; "none" where nobody or everybody holds it
 * registrant 6a41... 00000000000000a1  the host identifier and its key, in the order in which they came
 * end 1b2c3d4e
 * </pre>
 *
 * A state has one form only, and any other is refused.
 *
 * @param namespace whose reservations they are
 */
public record ReservationForm(UUID namespace) {
    private static final String MAGIC = "karst-reservations 1";
    private static final String NOBODY = "none";
    private static final int HEAD_LINES = 5;

    /** The form of a state. */
    public byte[] encode(ReservationState state) {
        var text = new StringBuilder();
        text.append(MAGIC).append('\n');
        text.append("namespace ").append(namespace).append('\n');
        text.append("generation ").append(Integer.toUnsignedString(state.generation())).append('\n');
        text.append("persistent ").append(state.persistent() ? 1 : 0).append('\n');
        text.append("reservation ").append(state.type().code).append(' ')
            .append(state.holder() == null ? NOBODY : state.holder()).append('\n');
        for (Registration one : state.registrants()) {
            text.append(String.format("registrant %s %016x\n", one.host(), one.key()));
        }
        return SealedText.seal(text.toString());
    }

    /**
     * Reads as much as is needed to write it again, and takes nothing that would not be written so.
     *
     * @throws IllegalArgumentException saying what is wrong
     */
    public ReservationState decode(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.US_ASCII);
        String[] lines = text.split("\n", -1);
        if (!lines[0].equals(MAGIC)) {
            throw new IllegalArgumentException("it does not begin with \"" + MAGIC + "\"");
        }
        ReservationState state;
        try {
            state = parse(lines);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("it is damaged", e);
        }
        if (!Arrays.equals(encode(state), bytes)) {
            boolean isOther = lines[1].startsWith("namespace ") && !lines[1].equals("namespace " + namespace);
            throw new IllegalArgumentException(isOther ? "it belongs to " + lines[1] + ", not to " + namespace : "it is damaged");
        } else if (!isSound(state)) {
            throw new IllegalArgumentException("it is damaged");
        }
        return state;
    }

    private static ReservationState parse(String[] lines) {
        if (lines.length < HEAD_LINES + 2) {
            throw new IllegalArgumentException("too short");
        }
        List<Registration> registrants = new ArrayList<>();
        for (int i = HEAD_LINES; i < lines.length - 2; i++) {
            String[] words = SealedText.words(lines[i], 3);
            registrants.add(new Registration(UUID.fromString(words[1]), Long.parseUnsignedLong(words[2], 16)));
        }
        String[] reservation = SealedText.words(lines[4], 3);
        ReservationType type = ReservationType.of(Integer.parseInt(reservation[1]));
        if (type == null) {
            throw new IllegalArgumentException("no such type");
        }
        UUID holder = reservation[2].equals(NOBODY) ? null : UUID.fromString(reservation[2]);
        return new ReservationState(
            Integer.parseUnsignedInt(SealedText.words(lines[2], 2)[1]), SealedText.words(lines[3], 2)[1].equals("1"), type, holder,
            registrants);
    }

    /** Whether such a state can come to be. */
    private static boolean isSound(ReservationState state) {
        long hosts = state.registrants().stream().map(Registration::host).distinct().count();
        boolean isOne = state.isReserved() && !state.type().isAllRegistrants();
        return hosts == state.registrants().size() && hosts <= ReservationState.MAX_REGISTRANTS
            && state.registrants().stream().allMatch(one -> one.key() != 0)
            && (isOne ? state.holder() != null && state.find(state.holder()) != null : state.holder() == null)
            && (!state.isReserved() || hosts > 0);
    }
}
