package dev.karst.bdev.core.claim;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.Claim;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The claims on one device. What a stacked device had claimed when it was parked stays, without a holder, until its
 * successor claims it again or it is removed. Changed under the layer's lock.
 */
public final class Claims {
    /** Who can hold a claim: a descriptor. */
    public interface Holder {
        boolean writable();

        /** Its claim lets it write from now on. */
        void promote();
    }

    /** What is claimed: a device. */
    public interface Claimed {
        String name();

        /** Whether somebody else has it open for writing. */
        boolean isOpenForWriting(Holder except);
    }

    /** The parked device that this thread closes, or brings back. */
    private static final ScopedValue<Object> PARKED = ScopedValue.newInstance();

    /**
     * A claim that somebody has.
     *
     * @param holder null while it is kept for a parked device
     * @param keptFor that device; null while there is a holder
     */
    private record Held(Holder holder, Object keptFor, Claim claim) {
        boolean isMine() {
            return keptFor != null && parked() == keptFor;
        }
    }

    private final Claimed bdev;
    private volatile List<Held> all = List.of();

    public Claims(Claimed bdev) {
        this.bdev = bdev;
    }

    /** Runs what closes a device that is parked, or brings it back: its claims stay, and are open to it alone. */
    public static <E extends Exception> void standingFor(Object parked, ScopedValue.CallableOp<Void, E> task) throws E {
        ScopedValue.where(PARKED, parked).call(task);
    }

    /** The device that this thread closes, or brings back; null for none. */
    public static Object parked() {
        return PARKED.isBound() ? PARKED.get() : null;
    }

    /** The names of the owners; null when there is none. */
    public String owners() {
        List<Held> now = all;
        return now.isEmpty() ? null : now.stream().map(held -> held.claim.owner()).distinct()
            .collect(Collectors.joining(", "));
    }

    /** Null when there is none. */
    public Claim.Type type() {
        List<Held> now = all;
        return now.isEmpty() ? null : now.getFirst().claim.type();
    }

    /** @throws StorageException EPERM when somebody else has a claim */
    public void checkWriting() throws StorageException {
        for (Held held : all) {
            if (!held.isMine()) {
                throw claimed();
            }
        }
    }

    public void claim(Holder descriptor, Claim claim) throws StorageException {
        checkItself(descriptor, claim);
        List<Held> others = all.stream().filter(held -> held.holder != descriptor && !held.isMine()).toList();
        boolean isServed = claim.isServing() && others.stream().anyMatch(held -> held.claim.equals(claim));
        if (isServed || !others.isEmpty() && !shares(claim, others.getFirst().claim)) {
            throw claimed();
        }
        if (others.isEmpty() && claim.type() != Claim.Type.EXCLUSIVE_WRITE) {
            checkWriters(descriptor, claim);
        }
        List<Held> next = new ArrayList<>(others);
        next.add(new Held(descriptor, null, claim));
        all = List.copyOf(next);
        if (claim.type() != Claim.Type.READ_MANY_WRITE_NONE) {
            descriptor.promote();
        }
    }

    private void checkItself(Holder descriptor, Claim claim) throws StorageException {
        boolean shared = claim.type() == Claim.Type.READ_MANY_WRITE_SHARED;
        if (shared == (claim.key() == 0)) {
            throw StorageException.failure(Errno.EINVAL, "the claim of " + claim.owner() + " on " + bdev.name()
                + (shared ? " needs a key other than 0" : " takes no key"));
        }
        if (claim.type() == Claim.Type.READ_MANY_WRITE_NONE && descriptor.writable()) {
            throw StorageException.failure(Errno.EINVAL, claim.owner() + " has " + bdev.name()
                + " open for writing, and its claim forbids that to all; open it for reading");
        }
    }

    private static boolean shares(Claim claim, Claim other) {
        return claim.type() == other.type() && claim.key() == other.key()
            && (claim.type() == Claim.Type.READ_MANY_WRITE_NONE || claim.type() == Claim.Type.READ_MANY_WRITE_SHARED);
    }

    private void checkWriters(Holder descriptor, Claim claim) throws StorageException {
        if (bdev.isOpenForWriting(descriptor)) {
            throw StorageException.failure(Errno.EPERM, bdev.name() + " is open for writing elsewhere, which the claim of "
                + claim.owner() + " forbids; close it there first");
        }
    }

    private StorageException claimed() {
        return StorageException.failure(Errno.EPERM, bdev.name() + " is claimed for writing by " + owners()
            + "; take it out there first, or open it for reading");
    }

    /** Gives back what the descriptor holds; kept if the device that closes is parked. */
    public void release(Holder descriptor) {
        Object parked = parked();
        List<Held> next = new ArrayList<>();
        for (Held held : all) {
            if (held.holder != descriptor) {
                next.add(held);
            } else if (parked != null) {
                next.add(new Held(null, parked, held.claim));
            }
        }
        all = List.copyOf(next);
    }

    /** A parked device is back, or gone: what was kept for it and not taken over goes. */
    public void forget(Object parked) {
        if (!all.isEmpty()) {
            all = all.stream().filter(held -> held.keptFor != parked).toList();
        }
    }
}
