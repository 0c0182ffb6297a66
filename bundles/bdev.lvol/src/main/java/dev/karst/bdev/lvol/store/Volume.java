package dev.karst.bdev.lvol.store;

import dev.karst.base.StorageException;
import dev.karst.bdev.lvol.disk.ClearMethod;
import dev.karst.bdev.lvol.disk.PageTree;
import dev.karst.bdev.lvol.disk.VolumeHeader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A volume, snapshot or clone. Its figures belong to the reactor of the store; {@link #find}, {@link #own}, {@link #clusters},
 * {@link #uuid} and {@link #readOnly} may be asked by any thread.
 */
public final class Volume {
    /** For {@link #find}: zeros are read. */
    public static final int ZEROS = Layer.ZEROS;
    /** For {@link #find}: the external snapshot is read, at the same place; zeros behind its end. */
    public static final int EXTERNAL = Layer.EXTERNAL;

    final int slot;
    private final UUID uuid;
    private volatile String name;
    private volatile boolean readOnly;
    private boolean thin;
    private boolean snapshot;
    private ClearMethod clearMethod = ClearMethod.UNMAP;
    private Volume parent;
    private String external;
    private final Map<String, String> xattrs = new TreeMap<>();
    private final List<Volume> clones = new ArrayList<>();
    private volatile Layer layer;
    private PageTree extents;
    private int allocated;
    private String damage;
    /** What is being done to it for longer; null for nothing. */
    private String busy;
    /** Whether what was written to it may be lost, and nobody was told. */
    private boolean owesFailure;

    Volume(int slot, UUID uuid, String name, Layer layer, PageTree extents) {
        this.slot = slot;
        this.uuid = uuid;
        this.name = name;
        this.layer = layer;
        this.extents = extents;
    }

    public UUID uuid() {
        return uuid;
    }

    public String name() {
        return name;
    }

    /** How many clusters long it is. */
    public int clusters() {
        return layer.size();
    }

    /** How many clusters it owns itself. */
    public int allocatedClusters() {
        return allocated;
    }

    public boolean thin() {
        return thin;
    }

    public boolean readOnly() {
        return readOnly;
    }

    public boolean isSnapshot() {
        return snapshot;
    }

    public ClearMethod clearMethod() {
        return clearMethod;
    }

    /** The snapshot that it is a clone of; null for none. */
    public Volume parent() {
        return parent;
    }

    /** What its external snapshot is called, as whoever cloned it said; null for none. */
    public String external() {
        return external;
    }

    /** The volumes whose parent it is. */
    public List<Volume> clones() {
        return Collections.unmodifiableList(clones);
    }

    /** Its extended attributes. */
    public Map<String, String> xattrs() {
        return Collections.unmodifiableMap(xattrs);
    }

    /** Why nothing can be done with it but to remove it by a repair; null if all is well. */
    public String damage() {
        return damage;
    }

    /** The external snapshot at the end of its chain of parents; null for none. */
    public String externalBelow() {
        Volume at = this;
        while (at.parent != null) {
            at = at.parent;
        }
        return at.external;
    }

    /**
     * Where the contents of a cluster are: a cluster of the medium, {@link #ZEROS} or {@link #EXTERNAL}. Any thread; allocates
     * nothing. While I/O that was translated by it is in flight, {@link Users} are not to be told that they {@linkplain
     * Users#pause paused}.
     */
    public int find(int index) {
        return layer.find(index);
    }

    /**
     * The cluster that the volume itself has there; 0 or less if it has none and a write needs {@link LvolStore#allocate} first.
     * Any thread.
     */
    public int own(int index) {
        return layer.own(index);
    }

    /** What its page says. */
    VolumeHeader header() {
        return new VolumeHeader(
            uuid, name, thin, readOnly, snapshot, clearMethod, clusters(), parent == null ? -1 : parent.slot,
            parent == null ? new UUID(0, 0) : parent.uuid, external, extents.root(), xattrs);
    }

    Layer layer() {
        return layer;
    }

    PageTree extents() {
        return extents;
    }

    /** Takes what another one had. */
    void takeContents(Volume other) {
        layer = other.layer;
        extents = other.extents;
        allocated = other.allocated;
    }

    void contents(Layer layer, PageTree extents) {
        this.layer = layer;
        this.extents = extents;
        allocated = 0;
    }

    /** Takes all that another object knows of this volume, but for who stands on whom. */
    void become(Volume durable) {
        takeContents(durable);
        name = durable.name;
        readOnly = durable.readOnly;
        thin = durable.thin;
        snapshot = durable.snapshot;
        clearMethod = durable.clearMethod;
        xattrs.clear();
        xattrs.putAll(durable.xattrs);
        damage = durable.damage;
        // Those that are left were never durable.
        clones.clear();
    }

    /** It is in no store any more, and has nothing. */
    void vanish() {
        layer = new Layer(layer.size(), null, false);
        allocated = 0;
        damage("it was never durable");
    }

    /** The next FLUSH of it fails. */
    void tellOfLoss() {
        owesFailure = true;
    }

    /** Whether the next FLUSH of it fails, as what was written to it may be lost. */
    public boolean owesFailure() {
        return owesFailure;
    }

    /** The FLUSH has failed. */
    void toldOfLoss() {
        owesFailure = false;
    }

    void name(String name) {
        this.name = name;
    }

    void readOnly(boolean readOnly) {
        this.readOnly = readOnly;
    }

    void thin(boolean thin) {
        this.thin = thin;
    }

    void snapshot(boolean snapshot) {
        this.snapshot = snapshot;
    }

    void clearMethod(ClearMethod clearMethod) {
        this.clearMethod = clearMethod;
    }

    /** Stands on another volume, or on an external snapshot, or on nothing. */
    void parent(Volume parent, String external) {
        if (this.parent != null) {
            this.parent.clones.remove(this);
        }
        this.parent = parent;
        this.external = external;
        if (parent != null) {
            parent.clones.add(this);
        }
        layer.rest(parent == null ? null : parent.layer, external != null);
    }

    void xattr(String key, String value) {
        xattrs.put(key, value);
    }

    void allocated(int change) {
        allocated += change;
    }

    void damage(String damage) {
        this.damage = this.damage == null ? damage : this.damage;
    }

    /** Something longer begins; nothing else is done to it until {@link #idle}. */
    void busy(String with) throws StorageException {
        requireIdle();
        busy = with;
    }

    void idle() {
        busy = null;
    }

    boolean isBusy() {
        return busy != null;
    }

    void requireIdle() throws StorageException {
        if (damage != null) {
            throw Failures.damaged(name, damage);
        } else if (busy != null) {
            throw Failures.busy(name, busy);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
