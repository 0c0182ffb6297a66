package dev.karst.iscsi.login;

import dev.karst.iscsi.model.AuthGroup;
import dev.karst.iscsi.model.AuthPolicy;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** The CHAP of one login: a challenge, its answer, and the other way round if that is asked for. RFC 7143, 12.1.3. */
final class Chap {
    private static final int CHALLENGE_BYTES = 32;
    /** RFC 7143, 12.1.3: binary values are at most 1024 bytes. */
    private static final int MOST_BYTES = 1024;

    private final AuthPolicy policy;
    private final AuthGroup group;
    private final boolean allowMd5;
    private final Randomness random;
    private ChapAlgorithm algorithm;
    private int identifier;
    private byte[] challenge;

    Chap(AuthPolicy policy, AuthGroup group, boolean allowMd5, Randomness random) {
        this.policy = policy;
        this.group = group;
        this.allowMd5 = allowMd5;
        this.random = random;
    }

    boolean isChallenged() {
        return challenge != null;
    }

    /** Answers the initiator's algorithms with a challenge; false when none of them will do. */
    boolean challenge(String offered, TextKeys answers) {
        Optional<ChapAlgorithm> chosen = ChapAlgorithm.choose(offered, allowMd5);
        if (chosen.isEmpty()) {
            return false;
        }
        algorithm = chosen.get();
        byte[] bytes = random.bytes(1 + CHALLENGE_BYTES);
        identifier = bytes[0] & 0xff;
        challenge = Arrays.copyOfRange(bytes, 1, bytes.length);
        answers.add("CHAP_A", algorithm.number).add("CHAP_I", identifier).add("CHAP_C", Binary.write(challenge));
        return true;
    }

    /**
     * Takes the initiator's answer.
     *
     * @return what is to be checked with the secrets, or null for an answer that cannot be right
     */
    Check answer(Map<String, String> keys) {
        String user = keys.get("CHAP_N");
        byte[] response = keys.containsKey("CHAP_R") ? Binary.read(keys.get("CHAP_R"), MOST_BYTES) : null;
        Optional<AuthGroup.Secret> secret = user == null ? Optional.empty() : group.of(user);
        boolean mutual = keys.containsKey("CHAP_I") || keys.containsKey("CHAP_C");
        if (response == null || secret.isEmpty() || policy.mutual() && !mutual) {
            return null;
        }
        if (!mutual) {
            return new Check(secret.get(), response, -1, null);
        }
        int back = number(keys.get("CHAP_I"));
        byte[] backChallenge = keys.containsKey("CHAP_C") ? Binary.read(keys.get("CHAP_C"), MOST_BYTES) : null;
        boolean reflected = backChallenge != null && MessageDigest.isEqual(backChallenge, challenge);
        if (back < 0 || backChallenge == null || backChallenge.length == 0 || reflected || !secret.get().isMutual()) {
            return null;
        }
        return new Check(secret.get(), response, back, backChallenge);
    }

    private static int number(String value) {
        return value != null && value.matches("[0-9]{1,3}") && Integer.parseInt(value) <= 0xff ? Integer.parseInt(value) : -1;
    }

    /** An answer of the initiator that remains to be checked, which takes the secrets. */
    final class Check {
        private final AuthGroup.Secret secret;
        private final byte[] response;
        private final int backIdentifier;
        private final byte[] backChallenge;

        Check(AuthGroup.Secret secret, byte[] response, int backIdentifier, byte[] backChallenge) {
            this.secret = secret;
            this.response = response;
            this.backIdentifier = backIdentifier;
            this.backChallenge = backChallenge;
        }

        /**
         * Checks it; what the initiator is to be told, or null when it is not who it says. Control threads.
         *
         * @param secrets where secrets are
         */
        byte[] run(Secrets secrets) {
            byte[] own = secrets.read(secret.key());
            byte[] back = backChallenge == null ? null : secrets.read(secret.mutualKey());
            try {
                boolean right = own != null && MessageDigest.isEqual(algorithm.response(identifier, own, challenge), response);
                boolean mayAnswer = backChallenge == null || back != null && !MessageDigest.isEqual(own, back);
                return right && mayAnswer ? answer(back) : null;
            } finally {
                wipe(own);
                wipe(back);
            }
        }

        private byte[] answer(byte[] back) {
            var answers = new TextKeys();
            if (back != null) {
                answers.add("CHAP_N", secret.mutualUser())
                    .add("CHAP_R", Binary.write(algorithm.response(backIdentifier, back, backChallenge)));
            }
            return answers.bytes();
        }

        private static void wipe(byte[] secret) {
            if (secret != null) {
                Arrays.fill(secret, (byte) 0);
            }
        }
    }
}
