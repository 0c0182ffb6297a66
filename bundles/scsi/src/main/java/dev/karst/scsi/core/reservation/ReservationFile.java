package dev.karst.scsi.core.reservation;

import dev.karst.base.Errno;
import dev.karst.base.SealedText;
import dev.karst.base.StorageException;
import dev.karst.env.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * The file that a logical unit's reservations persist in. Control threads.
 *
 * <pre>
 * karst-scsi-reservations 1
 * unit 5f0c...                       the UUID of the block device
 * generation 7
 * reservation 1 1/45000030...        the type and the holder, as port/TransportID; "none" where nobody or everybody holds it
 * registrant 1/45000030... a1        a nexus and its key, in the order in which they came
 * end 1b2c3d4e                       the CRC32C of all before
 * </pre>
 *
 * A state has one form only, and any other is refused.
 */
public final class ReservationFile {
    private static final int MAX_BYTES = 256 * 1024;
    private static final String MAGIC = "karst-scsi-reservations 1";
    private static final String NOBODY = "none";
    private static final int HEAD_LINES = 4;

    private final Files files;
    private final Path path;
    private final UUID unit;

    /** The file of a logical unit; nothing is touched yet. */
    public ReservationFile(Files files, Path folder, UUID unit) {
        this.files = files;
        path = folder.resolve(unit + ".reservations");
        this.unit = unit;
    }

    /**
     * What the file holds; nothing when there is none.
     *
     * @throws StorageException EINVAL for a file that is damaged or another unit's; what {@link Files} throws
     */
    public ReservationState load() throws StorageException {
        if (!files.exists(path)) {
            return ReservationState.EMPTY;
        }
        byte[] bytes = files.read(path, MAX_BYTES);
        ReservationState state;
        try {
            state = parse(SealedText.unseal(bytes).split("\n", -1));
        } catch (IllegalArgumentException e) {
            throw refused();
        }
        if (!Arrays.equals(encode(state), bytes) || !isSound(state)) {
            throw refused();
        }
        return state;
    }

    /** Makes a state durable: when this returns it is. What does not persist is not kept. */
    public void save(ReservationState state) throws StorageException {
        files.replace(path, encode(kept(state)));
    }

    /** What a power loss leaves of a state. */
    static ReservationState kept(ReservationState state) {
        return state.persistent() ? state.exclusively(null) : ReservationState.EMPTY;
    }

    private byte[] encode(ReservationState state) {
        var text = new StringBuilder();
        text.append(MAGIC).append('\n').append("unit ").append(unit).append('\n');
        text.append("generation ").append(Integer.toUnsignedString(state.generation())).append('\n');
        text.append("reservation ").append(state.isReserved() ? state.type().code : 0).append(' ')
            .append(state.holder() == null ? NOBODY : state.holder()).append('\n');
        for (Registrant one : state.registrants()) {
            text.append("registrant ").append(one.nexus()).append(' ').append(Long.toHexString(one.key())).append('\n');
        }
        return SealedText.seal(text.toString());
    }

    private static ReservationState parse(String[] lines) {
        if (lines.length < HEAD_LINES + 1 || !lines[0].equals(MAGIC)) {
            throw new IllegalArgumentException("not such a file");
        }
        List<Registrant> registrants = new ArrayList<>();
        for (int i = HEAD_LINES; i < lines.length - 1; i++) {
            String[] words = SealedText.words(lines[i], 3);
            registrants.add(new Registrant(nexus(words[1]), Long.parseUnsignedLong(words[2], 16)));
        }
        int generation = Integer.parseUnsignedInt(SealedText.words(lines[2], 2)[1]);
        String[] reservation = SealedText.words(lines[3], 3);
        ReservationType type = ReservationType.of(Integer.parseInt(reservation[1]));
        NexusName holder = reservation[2].equals(NOBODY) ? null : nexus(reservation[2]);
        boolean isEmpty = generation == 0 && type == null && registrants.isEmpty();
        return new ReservationState(generation, !isEmpty, type, holder, registrants, null);
    }

    private static NexusName nexus(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("no nexus");
        }
        var name = new NexusName(text.substring(slash + 1), Integer.parseInt(text.substring(0, slash)));
        name.transportId();
        return name;
    }

    /** Whether such a state can come to be. */
    private static boolean isSound(ReservationState state) {
        long nexuses = state.registrants().stream().map(Registrant::nexus).distinct().count();
        boolean isOne = state.isReserved() && !state.type().isAll();
        return nexuses == state.registrants().size() && nexuses <= ReservationState.MAX_REGISTRANTS
            && state.registrants().stream().allMatch(one -> one.key() != 0)
            && (isOne ? state.holder() != null && state.find(state.holder()) != null : state.holder() == null)
            && (!state.isReserved() || nexuses > 0);
    }

    private StorageException refused() {
        return StorageException.failure(Errno.EINVAL, "the reservations in " + path
            + " are damaged or another unit's; put a sound file there, or remove this one to begin without reservations");
    }
}
