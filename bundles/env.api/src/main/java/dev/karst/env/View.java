package dev.karst.env;

import dev.karst.base.ReactorConfined;

/**
 * A look into the memory of somebody else, instead of a copy of what is there. It can be read until it is released, whatever
 * becomes of its owner, and shows what the owner writes there meanwhile. Used again and again.
 */
@ReactorConfined
public final class View {
    private Region region;
    private long address;

    /** Shows what is at this address of a region, which is held from now on. */
    public void show(Region region, long address) {
        assert this.region == null : "the view before was not released";
        region.hold();
        this.region = region;
        this.address = address;
    }

    /** Shows what the other one showed, which is released by this one then. */
    public void take(View other) {
        assert region == null : "the view before was not released";
        region = other.region;
        address = other.address;
        other.region = null;
        other.address = 0;
    }

    /** Where it can be read; 0 when nothing is shown. */
    public long address() {
        return address;
    }

    /** Shows nothing any more. */
    public void release() {
        if (region != null) {
            Region shown = region;
            region = null;
            address = 0;
            shown.release();
        }
    }
}
