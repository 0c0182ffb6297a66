package dev.karst.nvmf.core.reservation;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Files;
import java.nio.file.Path;
import java.util.UUID;

/** The file that a namespace's reservations persist in, as {@link ReservationForm} has them. Control threads. */
public final class ReservationFile {
    private static final int MAX_BYTES = 64 * 1024;

    private final Files files;
    private final Path path;
    private final ReservationForm form;

    /** The file of a namespace; nothing is touched yet. */
    public ReservationFile(Files files, Path path, UUID namespace) {
        this.files = files;
        this.path = path;
        form = new ReservationForm(namespace);
    }

    /**
     * What the file holds. Makes it when there is none, so that a place where nothing can be written shows at once.
     *
     * @throws StorageException EINVAL for a file that is damaged, no such file at all, or of another namespace; what {@link
     *     Files} throws
     */
    public ReservationState load() throws StorageException {
        if (!files.exists(path)) {
            save(ReservationState.EMPTY);
            return ReservationState.EMPTY;
        }
        byte[] bytes = files.read(path, MAX_BYTES);
        try {
            return form.decode(bytes);
        } catch (IllegalArgumentException e) {
            throw refused(e.getMessage());
        }
    }

    /** Makes a state durable: when this returns it is. What does not persist is not kept. */
    public void save(ReservationState state) throws StorageException {
        files.replace(path, form.encode(state.persistent() ? state : ReservationState.EMPTY));
    }

    private StorageException refused(String why) {
        return StorageException.errno(Errno.EINVAL, "the reservations in " + path + " cannot be used: " + why
            + "; put a sound file there, or remove this one to begin without reservations");
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
