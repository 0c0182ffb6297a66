package dev.karst.iscsi;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.iscsi.login.Login;
import dev.karst.iscsi.login.LoginHost;
import dev.karst.iscsi.login.LoginPdu;
import dev.karst.iscsi.login.Step;
import dev.karst.iscsi.model.AuthGroup;
import dev.karst.iscsi.model.AuthGroup.Secret;
import dev.karst.iscsi.model.AuthPolicy;
import dev.karst.iscsi.model.Catalogue;
import dev.karst.iscsi.model.InitiatorGroup;
import dev.karst.iscsi.model.IscsiOptions;
import dev.karst.iscsi.model.Netmask;
import dev.karst.iscsi.model.TargetNode;
import dev.karst.nvmf.testkit.FuzzInput;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Bytes, read as the requests of a login. Whatever comes: nothing throws, no more is said than fits a PDU, and nobody is admitted to a node
 * that asks for CHAP without its secret. {@link #fuzzerTestOneInput} is also the entry for a fuzzer that is guided by coverage.
 */
class LoginFuzzTest {
    private static final int INPUTS = 60_000;
    private static final int MOST = 8192;
    private static final String NODE = "iqn.2016-06.io.spdk:disk1";
    private static final String[] PAIRS = {"InitiatorName=iqn.a", "TargetName=" + NODE, "SessionType=Discovery", "SessionType=Normal",
        "AuthMethod=CHAP,None", "AuthMethod=None", "AuthMethod=CHAP", "CHAP_A=7,8", "CHAP_A=5", "CHAP_N=me", "CHAP_R=0x00", "CHAP_I=1",
        "CHAP_C=0x0102", "HeaderDigest=CRC32C", "MaxBurstLength=0", "InitialR2T=No", "MaxConnections=2", "X=1", "=", "a", "\u00fc=1"};
    private static final String[] TYPICAL = {"InitiatorName=iqn.a", "TargetName=" + NODE, "AuthMethod=CHAP,None"};

    private static <K, V> SequencedMap<K, V> map(K key, V value) {
        SequencedMap<K, V> map = new LinkedHashMap<>();
        map.put(key, value);
        return map;
    }

    private static Login login(AuthPolicy policy) {
        var node = new TargetNode(new TargetNode.Spec(NODE, "a disk", 64, false, false), null, policy);
        node.maps(List.of(new TargetNode.Access(1, 1)));
        var catalogue = new Catalogue(IscsiOptions.USUAL.with(policy), new LinkedHashMap<>(),
            map(1, new InitiatorGroup(1, List.of("ANY"), List.of(Netmask.of("ANY")))),
            map(7, new AuthGroup(7, List.of(new Secret("me", "own", "it", "back")))), map(NODE, node));
        return new Login(new LoginHost(catalogue, 1, InetAddress.ofLiteral("127.0.0.1"), true,
            key -> ("the secret of " + key).getBytes(StandardCharsets.UTF_8), byte[]::new));
    }

    /** One input. */
    public static void fuzzerTestOneInput(byte[] input) {
        assertFalse(isAdmitted(new AuthPolicy(false, true, false, 7), input), "admitted without the secret");
        isAdmitted(AuthPolicy.FREE, input);
    }

    private static boolean isAdmitted(AuthPolicy policy, byte[] input) {
        FuzzInput choices = new FuzzInput(input);
        Login login = login(policy);
        while (choices.hasMore()) {
            int flags = choices.next();
            var text = new ByteArrayOutputStream();
            String[] from = choices.small(4) == 0 ? TYPICAL : PAIRS;
            for (int i = choices.small(5); i > 0; i--) {
                text.writeBytes(from[choices.small(from.length)].getBytes(StandardCharsets.UTF_8));
                text.write(choices.small(20) == 0 ? 'x' : 0);
            }
            Step step = login.request(new LoginPdu(flags, choices.small(16) / 15, 1, 0, 0, choices.small(32) / 31), text.toByteArray());
            if (step instanceof Step.Check check) {
                step = login.checked(check.check().get());
            }
            switch (step) {
                case Step.Refuse refuse -> {
                    assertTrue(refuse.status() > 0xff, "a refusal that is none");
                    return false;
                }
                case Step.Admit _ -> {
                    return true;
                }
                case Step.Answer answer -> assertTrue(answer.text().length <= MOST, "a long answer");
                case Step.Check _ -> throw new AssertionError("checked, and to be checked again");
            }
        }
        return false;
    }

    @Test
    void shouldAdmitNobodyWithoutTheSecretWhateverIsSent() {
        SplittableRandom random = new SplittableRandom(1);
        int admitted = 0;
        for (int i = 0; i < INPUTS; i++) {
            byte[] input = new byte[5 + random.nextInt(60)];
            random.nextBytes(input);
            fuzzerTestOneInput(input);
            admitted += isAdmitted(AuthPolicy.FREE, input) ? 1 : 0;
        }
        assertTrue(admitted > 30, "only " + admitted + " logins came to an end where nothing is asked: it says nothing");
    }
}
