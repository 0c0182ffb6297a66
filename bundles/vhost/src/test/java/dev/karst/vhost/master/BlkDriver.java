package dev.karst.vhost.master;

import dev.karst.base.Mem;
import dev.karst.spec.virtio.BlkRequest;
import dev.karst.vhost.master.GuestRing.Piece;
import dev.karst.vhost.master.GuestRing.Used;

/** The guest's driver of a virtio-blk device: one request at a time, over one ring. */
public final class BlkDriver {
    /** Where the header of a request, its status and its data lie in the guest. */
    public static final long HEADER = 0x100000;
    public static final long STATUS = 0x110000;
    public static final long DATA = 0x200000;
    /** What stands in the place of a status before there is one. */
    public static final int NO_STATUS = 0xff;

    private final GuestRing ring;

    public BlkDriver(GuestRing ring) {
        this.ring = ring;
    }

    /** Writes the header of a request, and takes the status away. */
    public static void prepare(Guest guest, long type, long sector) {
        BlkRequest.TYPE.set(guest.at(HEADER), type);
        BlkRequest.RESERVED.set(guest.at(HEADER), 0);
        BlkRequest.SECTOR.set(guest.at(HEADER), sector);
        Mem.setByte(guest.at(STATUS), (byte) NO_STATUS);
    }

    /** The status of the request that was last. */
    public static int status(Guest guest) {
        return Mem.getU8(guest.at(STATUS));
    }

    /** Reads into {@link #DATA}, and gives the status. */
    public int read(long sector, int bytes) {
        return run(BlkRequest.T_IN, sector, new Piece(DATA, bytes, true));
    }

    /** Writes what is at {@link #DATA}, and gives the status. */
    public int write(long sector, int bytes) {
        return run(BlkRequest.T_OUT, sector, new Piece(DATA, bytes, false));
    }

    /** A request with this data; its status. */
    public int run(int type, long sector, Piece... data) {
        prepare(ring.guest, type, sector);
        Piece[] chain = new Piece[data.length + 2];
        chain[0] = new Piece(HEADER, BlkRequest.BYTES, false);
        System.arraycopy(data, 0, chain, 1, data.length);
        chain[data.length + 1] = new Piece(STATUS, 1, true);
        int id = ring.add(chain);
        ring.kick();
        Used used = ring.await(Master.WAIT_MS);
        if (used == null || used.id() != id) {
            throw new AssertionError("chain " + id + " does not come back, but " + used);
        }
        return status(ring.guest);
    }
}
