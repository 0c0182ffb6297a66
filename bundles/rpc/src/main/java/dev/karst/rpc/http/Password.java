package dev.karst.rpc.http;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** Passwords as they are kept: {@code pbkdf2-sha512$ITERATIONS$SALT$HASH}, the last two in base64. RFC 8018, 5.2. */
final class Password {
    private static final int ITERATIONS = 210_000;
    /** Nobody's file makes us count for minutes. */
    private static final int MAX_ITERATIONS = 10_000_000;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final Pattern KEPT =
        Pattern.compile("pbkdf2-sha512\\$([1-9]\\d{0,7})\\$([A-Za-z0-9+/]{16,64}={0,2})\\$([A-Za-z0-9+/]{43}=)");

    private Password() {}

    /** What to keep of a password. */
    static String keep(String password) {
        return keep(password, ITERATIONS);
    }

    /** As above, with so many rounds. */
    static String keep(String password, int iterations) {
        byte[] salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        Base64.Encoder base64 = Base64.getEncoder();
        byte[] hash = hash(password, salt, iterations);
        return "pbkdf2-sha512$" + iterations + "$" + base64.encodeToString(salt) + "$" + base64.encodeToString(hash);
    }

    /** Whether a text is what {@link #keep} gives. */
    static boolean isKept(String text) {
        Matcher parts = KEPT.matcher(text);
        return parts.matches() && Integer.parseInt(parts.group(1)) <= MAX_ITERATIONS && parts.group(2).length() % 4 == 0;
    }

    /** Whether it is the password of what was kept; takes long on purpose, and the same whatever the answer. */
    static boolean matches(String password, String kept) {
        Matcher parts = KEPT.matcher(kept);
        if (!parts.matches()) {
            throw new IllegalArgumentException("not a kept password");
        }
        byte[] salt = Base64.getDecoder().decode(parts.group(2));
        byte[] expected = Base64.getDecoder().decode(parts.group(3));
        return MessageDigest.isEqual(expected, hash(password, salt, Integer.parseInt(parts.group(1))));
    }

    private static byte[] hash(String password, byte[] salt, int iterations) {
        PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, iterations, HASH_BYTES * Byte.SIZE);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512").generateSecret(spec).getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } finally {
            spec.clearPassword();
        }
    }
}
