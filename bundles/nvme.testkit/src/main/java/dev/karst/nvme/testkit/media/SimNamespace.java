package dev.karst.nvme.testkit.media;

import dev.karst.env.sim.SparseBytes;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** A namespace: its blocks, and what is known of it. */
public final class SimNamespace {
    private final int nsid;
    private final long blocks;
    private final UUID uuid;
    private final Set<Integer> controllers = new TreeSet<>();
    private final Set<Long> uncorrectable = new TreeSet<>();
    private final Reservations reservations = new Reservations();
    private Settings settings;
    private SparseBytes data;
    private SparseBytes metadata;
    private Zones zones;
    /** Whether several controllers may have it. */
    public boolean shared = true;
    /** Whether writes are refused. */
    public boolean writeProtected;
    /** ANA group. */
    public int anaGroup = 1;
    /** NOIOB. */
    public int boundaryBlocks;

    SimNamespace(int nsid, long blocks, Settings settings, UUID uuid) {
        this.nsid = nsid;
        this.blocks = blocks;
        this.uuid = uuid;
        format(settings);
    }

    public int nsid() {
        return nsid;
    }

    public long blocks() {
        return blocks;
    }

    public UUID uuid() {
        return uuid;
    }

    public Settings settings() {
        return settings;
    }

    /** Its zones, or null. */
    public Zones zones() {
        return zones;
    }

    public Reservations reservations() {
        return reservations;
    }

    /** Identifiers of the controllers that it is attached to. */
    public Set<Integer> controllers() {
        return controllers;
    }

    /** Cuts it into zones, all empty. */
    public SimNamespace zoned(Zones zones) {
        this.zones = zones;
        return this;
    }

    /** Formats it: all blocks are deallocated. */
    public final void format(Settings settings) {
        this.settings = settings;
        data = new SparseBytes(blocks * settings.format().dataBytes());
        metadata = new SparseBytes(blocks * settings.format().metadataBytes());
        uncorrectable.clear();
    }

    /** Bytes that blocks occupy. */
    public long allocatedBytes() {
        return data.allocated();
    }

    /** Whether the range lies within. */
    public boolean holds(long slba, long count) {
        return slba >= 0 && count <= blocks - slba && slba <= blocks;
    }

    /** Whether a block of the range was declared unreadable. */
    public boolean isUncorrectable(long slba, long count) {
        return uncorrectable.stream().anyMatch(lba -> lba >= slba && lba < slba + count);
    }

    /** Declares blocks unreadable until they are written. */
    public void makeUncorrectable(long slba, long count) {
        for (long lba = slba; lba < slba + count; lba++) {
            uncorrectable.add(lba);
        }
    }

    /** The data of the blocks. */
    public byte[] data(long slba, int count) {
        int bytes = settings.format().dataBytes();
        return data.read(slba * bytes, count * bytes);
    }

    /** The metadata of the blocks; deallocated ones have all ones where there is protection information. */
    public byte[] metadata(long slba, int count) {
        int bytes = settings.format().metadataBytes();
        byte[] read = metadata.read(slba * bytes, count * bytes);
        if (settings.protection() != 0) {
            invert(read);
        }
        return read;
    }

    /** Writes blocks with their metadata. */
    public void write(long slba, byte[] blockData, byte[] blockMetadata) {
        int bytes = settings.format().dataBytes();
        data.write(slba * bytes, blockData, 0, blockData.length);
        byte[] kept = blockMetadata.clone();
        if (settings.protection() != 0) {
            invert(kept);
        }
        metadata.write(slba * settings.format().metadataBytes(), kept, 0, kept.length);
        readable(slba, blockData.length / bytes);
    }

    /** Deallocates blocks: they read as zeros, and as unprotected. */
    public void deallocate(long slba, long count) {
        data.zero(slba * settings.format().dataBytes(), count * settings.format().dataBytes());
        metadata.zero(slba * settings.format().metadataBytes(), count * settings.format().metadataBytes());
        readable(slba, count);
    }

    private void readable(long slba, long count) {
        uncorrectable.removeIf(lba -> lba >= slba && lba < slba + count);
    }

    /** Kept inverted, metadata that was never written reads as all ones: tags that are not checked. */
    private static void invert(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ~bytes[i];
        }
    }

    @Override
    public String toString() {
        return "namespace " + nsid + " " + settings + Arrays.toString(controllers.toArray());
    }
}
