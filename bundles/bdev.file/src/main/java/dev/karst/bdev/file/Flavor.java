package dev.karst.bdev.file;

/** Under which of SPDK's two names a device was made; they differ in nothing else. */
enum Flavor {
    AIO("aio", "AIO disk"),
    URING("uring", "URING bdev");

    private final String word;
    private final String productName;

    Flavor(String word, String productName) {
        this.word = word;
        this.productName = productName;
    }

    /** The RPC method that does this to devices of the flavor. */
    String method(String verb) {
        return "bdev_" + word + "_" + verb;
    }

    /** The field of {@code driver_specific}. */
    String word() {
        return word;
    }

    String productName() {
        return productName;
    }
}
