package dev.karst.iscsi.login;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/** How a CHAP response is computed: the numbers are IANA's. RFC 1994, 4.1; RFC 7143, 12.1.3. */
enum ChapAlgorithm {
    MD5(5, "MD5"),
    SHA_256(7, "SHA-256"),
    SHA3_256(8, "SHA3-256");

    final int number;
    private final String digest;

    ChapAlgorithm(int number, String digest) {
        this.number = number;
        this.digest = digest;
    }

    /** The first of the offered ones that may be used. */
    static Optional<ChapAlgorithm> choose(String offered, boolean allowMd5) {
        return Arrays.stream(offered.split(","))
            .flatMap(number -> Arrays.stream(values()).filter(each -> Integer.toString(each.number).equals(number)))
            .filter(each -> each != MD5 || allowMd5).findFirst();
    }

    byte[] response(int identifier, byte[] secret, byte[] challenge) {
        try {
            MessageDigest computed = MessageDigest.getInstance(digest);
            computed.update((byte) identifier);
            computed.update(secret);
            return computed.digest(challenge);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + digest, e);
        }
    }
}
