package dev.karst.iscsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.StorageException;
import dev.karst.iscsi.model.AuthGroup.Secret;
import dev.karst.iscsi.model.AuthPolicy;
import dev.karst.reactor.sim.SimWorld;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** CHAP, in all its ways to go wrong. */
class AuthenticationSimTest {
    private static final byte[] OWN = "a secret of the initiator".getBytes(StandardCharsets.UTF_8);
    private static final byte[] BACK = "a secret of the target".getBytes(StandardCharsets.UTF_8);
    private static final AuthPolicy REQUIRED = new AuthPolicy(false, true, false, 7);
    private static final AuthPolicy MUTUAL = new AuthPolicy(false, true, true, 7);
    private static final int FAILED = 0x0201;

    /** What a test does with a target that has secrets. */
    @FunctionalInterface
    private interface Body {
        void run(Bench bench, Initiator initiator) throws Exception;
    }

    private static void run(AuthPolicy policy, Body body) {
        SimWorld.run(1, 5, world -> {
            Bench bench = new Bench(world);
            bench.keys.put("own", (new String(OWN, StandardCharsets.UTF_8) + "\n").getBytes(StandardCharsets.UTF_8));
            bench.keys.put("back", BACK);
            bench.keys.put("short", new byte[11]);
            bench.target.auth.create(7, List.of(new Secret("me", "own", "it", "back"), new Secret("one-way", "own", "", "")));
            bench.target.nodes.auth(Bench.NODE, policy);
            try (Initiator initiator = bench.initiator()) {
                body.run(bench, initiator);
            }
            bench.end();
        });
    }

    private static byte[] response(String digest, int identifier, byte[] secret, byte[] challenge) throws Exception {
        MessageDigest computed = MessageDigest.getInstance(digest);
        computed.update((byte) identifier);
        computed.update(secret);
        return computed.digest(challenge);
    }

    private static byte[] bytes(String value) {
        assertEquals("0x", value.substring(0, 2));
        return HexFormat.of().parseHex(value.substring(2));
    }

    private static String hex(byte[] bytes) {
        return "0x" + HexFormat.of().formatHex(bytes);
    }

    private static long status(Pdu answer) {
        return answer.get(36, 2);
    }

    /** As far as the challenge. */
    private static Pdu challenged(Initiator initiator, String algorithms, String... more) throws Exception {
        String[] pairs = more.length > 0 ? more : new String[] {"TargetName=" + Bench.NODE};
        Pdu chosen = initiator.ask(initiator.login(0, 1, false, "InitiatorName=" + Initiator.NAME, "AuthMethod=CHAP,None", pairs[0]));
        assertEquals(0, status(chosen));
        assertEquals("CHAP", chosen.value("AuthMethod"));
        return initiator.ask(initiator.login(0, 1, false, "CHAP_A=" + algorithms));
    }

    /** The answer to a challenge, with what more there is. */
    private static Pdu answered(Initiator initiator, Pdu challenge, String digest, byte[] secret, String... more) throws Exception {
        String[] pairs = new String[2 + more.length];
        pairs[0] = "CHAP_N=me";
        pairs[1] = "CHAP_R=" + hex(response(digest, Integer.parseInt(challenge.value("CHAP_I")), secret, bytes(challenge.value("CHAP_C"))));
        System.arraycopy(more, 0, pairs, 2, more.length);
        return initiator.ask(initiator.login(0, 1, true, pairs));
    }

    @Test
    void shouldLetInWhoKnowsTheSecret() {
        run(REQUIRED, (bench, initiator) -> {
            Pdu challenge = challenged(initiator, "5,8,7");
            assertEquals("8", challenge.value("CHAP_A"), "the first that is allowed");
            Pdu answer = answered(initiator, challenge, "SHA3-256", OWN);
            assertEquals(0, status(answer));
            assertEquals(0x81, answer.flags());
            initiator.finish(initiator.ask(initiator.login(1, 3, true, "HeaderDigest=None")));
            initiator.read(0, 512);
        });
    }

    @Test
    void shouldRefuseWhoDoesNot() {
        run(REQUIRED, (bench, initiator) -> {
            assertEquals(FAILED, status(answered(initiator, challenged(initiator, "7"), "SHA-256", BACK)));
            assertTrue(initiator.isClosedByTarget(10_000));
        });
        run(REQUIRED, (bench, initiator) -> {
            Pdu challenge = challenged(initiator, "7");
            assertEquals(FAILED, status(initiator.ask(initiator.login(0, 1, true, "CHAP_N=nobody", "CHAP_R=0x00"))));
            assertNotEquals(null, challenge.value("CHAP_C"));
        });
    }

    @Test
    void shouldUseMd5OnlyWhenAllowed() {
        run(REQUIRED, (bench, initiator) -> assertEquals(FAILED, status(challenged(initiator, "5"))));
        run(REQUIRED, (bench, initiator) -> {
            bench.target.allowMd5(true);
            assertEquals(0, status(answered(initiator, challenged(initiator, "5"), "MD5", OWN)));
        });
    }

    @Test
    void shouldSayWhoItIsWhenAsked() {
        run(MUTUAL, (bench, initiator) -> {
            byte[] challenge = {1, 2, 3, 4, 5, 6, 7, 8};
            Pdu answer = answered(initiator, challenged(initiator, "7"), "SHA-256", OWN, "CHAP_I=9", "CHAP_C=0b" + "AQIDBAUGBwg=");
            assertEquals(0, status(answer));
            assertEquals("it", answer.value("CHAP_N"));
            assertEquals(hex(response("SHA-256", 9, BACK, challenge)), answer.value("CHAP_R"));
        });
    }

    @Test
    void shouldRefuseWhenItIsNotAskedButMustBe() {
        run(MUTUAL, (bench, initiator) -> assertEquals(FAILED, status(answered(initiator, challenged(initiator, "7"), "SHA-256", OWN))));
    }

    @Test
    void shouldRefuseItsOwnChallenge() {
        run(REQUIRED, (bench, initiator) -> {
            Pdu challenge = challenged(initiator, "7");
            assertEquals(FAILED, status(
                answered(initiator, challenge, "SHA-256", OWN, "CHAP_I=1", "CHAP_C=" + challenge.value("CHAP_C"))));
        });
    }

    @Test
    void shouldRefuseWhoGoesPastIt() {
        String[] who = {"InitiatorName=" + Initiator.NAME, "TargetName=" + Bench.NODE};
        run(REQUIRED, (bench, initiator) -> assertEquals(FAILED, status(initiator.ask(initiator.login(1, 3, true, who)))));
        run(REQUIRED, (bench, initiator) -> assertEquals(FAILED, status(initiator.ask(initiator.login(0, 1, true, who)))));
        run(REQUIRED, (bench, initiator) -> assertEquals(FAILED, status(initiator.ask(
            initiator.login(0, 1, true, who[0], who[1], "AuthMethod=None")))));
        run(REQUIRED, (bench, initiator) -> {
            challenged(initiator, "7");
            Pdu answer = initiator.ask(initiator.login(0, 3, true));
            assertEquals(0, status(answer));
            assertEquals(0, answer.flags() & 0x80, "goes on without an answer");
        });
    }

    @Test
    void shouldRefuseMalformedAnswers() {
        for (String answer : List.of("CHAP_R=0x0", "CHAP_R=0x" + "00".repeat(1025), "CHAP_R=zz", "CHAP_R=0bA", "CHAP_R=")) {
            run(REQUIRED, (bench, initiator) -> {
                challenged(initiator, "7");
                assertEquals(FAILED, status(initiator.ask(initiator.login(0, 1, true, "CHAP_N=me", answer))), answer);
            });
        }
        run(REQUIRED, (bench, initiator) -> assertEquals(FAILED, status(
            answered(initiator, challenged(initiator, "7"), "SHA-256", OWN, "CHAP_I=256", "CHAP_C=0x00"))));
    }

    @Test
    void shouldAskThoseWhoDiscoverWhenToldTo() {
        run(AuthPolicy.FREE, (bench, initiator) -> {
            bench.target.options(options -> options.with(REQUIRED));
            Pdu challenge = challenged(initiator, "7", "SessionType=Discovery");
            assertEquals(0, status(answered(initiator, challenge, "SHA-256", OWN)));
            try (Initiator other = bench.initiator()) {
                assertEquals(FAILED, status(other.ask(other.login(1, 3, true, "InitiatorName=" + Initiator.NAME, "SessionType=Discovery"))));
            }
        });
    }

    @Test
    void shouldNotOfferChapWhereThereAreNoSecrets() {
        run(AuthPolicy.FREE, (bench, initiator) -> {
            Pdu answer = initiator.ask(initiator.login(0, 1, true, "InitiatorName=" + Initiator.NAME, "TargetName=" + Bench.NODE,
                "AuthMethod=CHAP,None"));
            assertEquals("None", answer.value("AuthMethod"));
            assertNull(answer.value("CHAP_A"));
            initiator.finish(initiator.ask(initiator.login(1, 3, true)));
        });
    }

    @Test
    void shouldNeverChallengeTwiceWithTheSame() {
        run(REQUIRED, (bench, initiator) -> {
            String first = challenged(initiator, "7").value("CHAP_C");
            try (Initiator other = bench.initiator()) {
                assertNotEquals(first, challenged(other, "7").value("CHAP_C"));
            }
        });
    }

    @Test
    void shouldRefuseSecretsThatAreNone() {
        run(REQUIRED, (bench, initiator) -> {
            for (Secret secret : List.of(new Secret("a", "a plain secret", "", ""), new Secret("a", "short", "", ""),
                new Secret("a", "own", "b", ""), new Secret("a", "own", "b", "own"), new Secret("me", "own", "", ""))) {
                StorageException refused = assertThrows(StorageException.class, () -> bench.target.auth.add(7, secret));
                assertTrue(!refused.getMessage().contains("plain"), refused::getMessage);
            }
        });
    }
}
