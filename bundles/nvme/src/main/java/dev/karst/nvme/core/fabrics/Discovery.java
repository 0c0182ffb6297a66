package dev.karst.nvme.core.fabrics;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.nvme.Command;
import dev.karst.nvme.NvmeController;
import dev.karst.nvme.TransportId;
import dev.karst.spec.nvme.GetLogPageCommand;
import dev.karst.spec.nvmf.DiscoveryEntry;
import dev.karst.spec.nvmf.DiscoveryLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Asks discovery controllers what they know, and those that they refer to. NVMe Base 2.1, 3.1.3.3 and 5.1.12.3.1. Control
 * threads; blocks.
 */
public final class Discovery {
    private static final Logger LOG = System.getLogger(Discovery.class.getName());

    /** No net of discovery controllers is larger, nor does one know more. */
    private static final int MOST_CONTROLLERS = 64;
    private static final int MOST_ENTRIES = 4096;
    /** Entries that one command brings. */
    private static final int ENTRIES_AT_ONCE = 16;
    /** How often it is read anew because it changed meanwhile. */
    private static final int ATTEMPTS = 8;
    private static final int ADDRESS_BYTES = 256;
    private static final int SERVICE_BYTES = 32;
    private static final int RETAIN_EVENT = 1 << 7;

    /** Attaches the discovery controller at such a place. */
    @FunctionalInterface
    public interface Opener {
        NvmeController open(TransportId id) throws StorageException;
    }

    private final Opener opener;
    private final Set<TransportId> found = new LinkedHashSet<>();
    private final Set<TransportId> asked = new LinkedHashSet<>();
    private final Deque<TransportId> unasked = new ArrayDeque<>();

    public Discovery(Opener opener) {
        this.opener = opener;
    }

    /**
     * The subsystems that are known there and where it refers to, in that order.
     *
     * @throws StorageException what failed there; a referral that fails is left out and logged
     */
    public List<TransportId> from(TransportId id) throws StorageException {
        TransportId first = id.at("");
        asked.add(first);
        ask(first);
        while (!unasked.isEmpty()) {
            TransportId next = unasked.remove();
            try {
                ask(next);
            } catch (StorageException e) {
                LOG.log(Level.WARNING, "the referral to {0} is left out: {1}", next, e.getMessage());
            }
        }
        return List.copyOf(found);
    }

    private void ask(TransportId id) throws StorageException {
        NvmeController controller = opener.open(id);
        try {
            for (byte[] entry : read(controller)) {
                take(entry);
            }
        } finally {
            controller.detach();
        }
    }

    private void take(byte[] entry) {
        int subtype = entry[DiscoveryEntry.SUBTYPE.offset()];
        TransportId id = id(entry);
        if (id == null) {
            return;
        }
        if (subtype == DiscoveryEntry.SUBTYPE_NVM) {
            found.add(id);
        } else if (subtype == DiscoveryEntry.SUBTYPE_REFERRAL && asked.size() < MOST_CONTROLLERS && asked.add(id.at(""))) {
            unasked.add(id.at(""));
        }
    }

    /** Where the entry points; null for a transport that has no name here. */
    private static TransportId id(byte[] entry) {
        String type = switch (entry[DiscoveryEntry.TRTYPE.offset()]) {
            case DiscoveryEntry.TRTYPE_TCP -> "TCP";
            case DiscoveryEntry.TRTYPE_RDMA -> "RDMA";
            default -> null;
        };
        String family = switch (entry[DiscoveryEntry.ADRFAM.offset()]) {
            case DiscoveryEntry.ADRFAM_IPV4 -> "IPv4";
            case DiscoveryEntry.ADRFAM_IPV6 -> "IPv6";
            default -> "";
        };
        return type == null ? null : new TransportId(
            type, family, text(entry, DiscoveryEntry.TRADDR.offset(), ADDRESS_BYTES),
            text(entry, DiscoveryEntry.TRSVCID.offset(), SERVICE_BYTES),
            text(entry, DiscoveryEntry.SUBNQN.offset(), ADDRESS_BYTES));
    }

    /** Up to the first NUL, without the spaces behind it. */
    private static String text(byte[] entry, int offset, int bytes) {
        String text = new String(entry, offset, bytes, StandardCharsets.UTF_8);
        int end = text.indexOf('\0');
        return (end < 0 ? text : text.substring(0, end)).stripTrailing();
    }

    /** The entries of one generation of the log page. */
    private static List<byte[]> read(NvmeController controller) throws StorageException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            ByteBuffer head = part(controller, 0, DiscoveryLog.BYTES);
            long count = head.getLong(DiscoveryLog.NUMREC.offset());
            if (head.getShort(DiscoveryLog.RECFMT.offset()) != 0 || count < 0 || count > MOST_ENTRIES) {
                throw StorageException.errno(Errno.EPROTO, controller.id() + " has a discovery log page of "
                    + Long.toUnsignedString(count) + " entries in format " + head.getShort(DiscoveryLog.RECFMT.offset()));
            }
            List<byte[]> entries = entries(controller, (int) count);
            ByteBuffer again = part(controller, 0, DiscoveryLog.BYTES);
            if (again.getLong(DiscoveryLog.GENCTR.offset()) == head.getLong(DiscoveryLog.GENCTR.offset())) {
                return entries;
            }
        }
        throw StorageException.errno(
            Errno.EAGAIN, "the discovery log page of " + controller.id() + " changed while it was read, " + ATTEMPTS + " times");
    }

    private static List<byte[]> entries(NvmeController controller, int count) throws StorageException {
        List<byte[]> entries = new ArrayList<>();
        for (int from = 0; from < count; from += ENTRIES_AT_ONCE) {
            int some = Math.min(ENTRIES_AT_ONCE, count - from);
            long offset = DiscoveryLog.BYTES + (long) from * DiscoveryEntry.BYTES;
            ByteBuffer part = part(controller, offset, some * DiscoveryEntry.BYTES);
            for (int i = 0; i < some; i++) {
                byte[] entry = new byte[DiscoveryEntry.BYTES];
                part.get(i * DiscoveryEntry.BYTES, entry);
                entries.add(entry);
            }
        }
        return entries;
    }

    private static ByteBuffer part(NvmeController controller, long offset, int bytes) throws StorageException {
        Command command = Command.logPage(0, GetLogPageCommand.LID_DISCOVERY, RETAIN_EVENT, offset, bytes);
        return ByteBuffer.wrap(controller.admin(command).data()).order(ByteOrder.LITTLE_ENDIAN);
    }
}
