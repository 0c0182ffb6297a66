package dev.karst.iscsi.login;

import dev.karst.iscsi.login.Step.Admit;
import dev.karst.iscsi.login.Step.Answer;
import dev.karst.iscsi.login.Step.Check;
import dev.karst.iscsi.login.Step.Refuse;
import dev.karst.iscsi.model.AuthPolicy;
import dev.karst.iscsi.model.Catalogue;
import dev.karst.iscsi.model.IscsiName;
import dev.karst.iscsi.model.Portal;
import dev.karst.iscsi.model.TargetNode;
import dev.karst.spec.iscsi.LoginRequest;
import dev.karst.spec.iscsi.LoginStatus;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;

/** One login, from the first request to the full feature phase. One thread at a time. RFC 7143, 6.3. */
public final class Login {
    private static final int SECURITY = 0;
    private static final int OPERATIONAL = 1;
    private static final int FULL_FEATURE = 3;

    private final LoginHost host;
    private final Parameters parameters = new Parameters();
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private LoginPdu first;
    private int stage;
    private boolean isDiscovery;
    private String initiator;
    private TargetNode node;
    private AuthPolicy policy;
    private Negotiation negotiation;
    /** Once CHAP was chosen. */
    private Chap chap;
    private boolean isAuthenticated;
    /** The request whose answer waits for a check. */
    private LoginPdu checking;

    public Login(LoginHost host) {
        this.host = host;
    }

    /** What was negotiated. */
    public Parameters parameters() {
        return parameters;
    }

    /** The initiator's name; null before it said it. */
    public String initiator() {
        return initiator;
    }

    /** The initiator's session identifier. */
    public long isid() {
        return first.isid();
    }

    /** The session that the connection is to belong to; 0 for a new one. */
    public int tsih() {
        return first.tsih();
    }

    public int cid() {
        return first.cid();
    }

    /** The node that the initiator wants to use; null for a discovery session. */
    public TargetNode node() {
        return node;
    }

    /** Where it comes from. */
    public InetAddress peer() {
        return host.peer();
    }

    public Catalogue catalogue() {
        return host.catalogue();
    }

    public int portalGroup() {
        return host.portalGroup();
    }

    /** Takes a request with its text. */
    public Step request(LoginPdu pdu, byte[] part) {
        Refuse wrong = checkHeader(pdu);
        if (wrong != null) {
            return wrong;
        }
        text.writeBytes(part);
        if (text.size() > TextKeys.MAX_BYTES) {
            return new Refuse(LoginStatus.INITIATOR_ERROR);
        }
        if (pdu.goesOn()) {
            return new Answer(pdu.csg() << LoginRequest.CSG_SHIFT, new byte[0]);
        }
        Map<String, String> keys = TextKeys.parse(text.toByteArray());
        text.reset();
        if (keys == null) {
            return new Refuse(LoginStatus.INITIATOR_ERROR);
        }
        var answers = new TextKeys();
        if (negotiation == null) {
            Refuse unwanted = begin(keys, answers);
            if (unwanted != null) {
                return unwanted;
            }
        }
        return stage == SECURITY ? security(pdu, keys, answers) : operational(pdu, keys, answers);
    }

    private Refuse checkHeader(LoginPdu pdu) {
        if (checking != null || pdu.isTransit() && pdu.goesOn()) {
            return new Refuse(LoginStatus.INITIATOR_ERROR);
        }
        if (pdu.versionMin() > 0) {
            return new Refuse(LoginStatus.UNSUPPORTED_VERSION);
        }
        boolean knownStage = pdu.csg() == SECURITY || pdu.csg() == OPERATIONAL;
        boolean goodNext = !pdu.isTransit() || pdu.nsg() > pdu.csg() && pdu.nsg() != 2;
        boolean sameLogin = first == null || pdu.belongsTo(first) && pdu.csg() == stage;
        if (!knownStage || !goodNext || !sameLogin) {
            return new Refuse(LoginStatus.INITIATOR_ERROR);
        }
        if (first == null) {
            first = pdu;
            stage = pdu.csg();
        }
        return null;
    }

    /** Who it is and what it wants, in its first request. */
    private Refuse begin(Map<String, String> keys, TextKeys answers) {
        initiator = keys.get("InitiatorName");
        if (initiator == null) {
            return new Refuse(LoginStatus.MISSING_PARAMETER);
        }
        if (!IscsiName.isSayable(initiator)) {
            return new Refuse(LoginStatus.INITIATOR_ERROR);
        }
        String type = keys.getOrDefault("SessionType", "Normal");
        if (!type.equals("Normal") && !type.equals("Discovery")) {
            return new Refuse(LoginStatus.UNSUPPORTED_SESSION_TYPE);
        }
        isDiscovery = type.equals("Discovery");
        negotiation = new Negotiation(parameters, host.catalogue().options(), isDiscovery);
        if (isDiscovery) {
            policy = host.catalogue().discoveryAuth(host.portalGroup());
            return null;
        }
        return findNode(keys.get("TargetName"), answers);
    }

    /** Whoever may not use a node is told the same as if there were none. */
    private Refuse findNode(String name, TextKeys answers) {
        if (name == null) {
            return new Refuse(LoginStatus.MISSING_PARAMETER);
        }
        node = host.catalogue().nodes().get(name);
        if (node == null || !host.catalogue().admits(node, host.portalGroup(), initiator, host.peer())) {
            return new Refuse(LoginStatus.NOT_FOUND);
        }
        Portal other = node.redirects().get(host.portalGroup());
        if (other != null) {
            return new Refuse(LoginStatus.MOVED_TEMPORARILY, new TextKeys().add("TargetAddress", other).bytes());
        }
        policy = node.auth();
        negotiation.require(node.spec.headerDigest(), node.spec.dataDigest());
        if (!node.spec.alias().isEmpty()) {
            answers.add("TargetAlias", node.spec.alias());
        }
        answers.add("TargetPortalGroupTag", host.portalGroup());
        return null;
    }

    private Step security(LoginPdu pdu, Map<String, String> keys, TextKeys answers) {
        if (keys.containsKey("AuthMethod") && !chooseMethod(keys.get("AuthMethod"), answers)) {
            return new Refuse(LoginStatus.AUTHENTICATION_FAILURE);
        }
        if (keys.containsKey("CHAP_A") && (chap == null || chap.isChallenged() || !chap.challenge(keys.get("CHAP_A"), answers))) {
            return new Refuse(LoginStatus.AUTHENTICATION_FAILURE);
        }
        if (keys.containsKey("CHAP_N") || keys.containsKey("CHAP_R")) {
            return check(pdu, keys);
        }
        keys.keySet().stream().filter(key -> !isOfSecurity(key)).forEach(key -> answers.add(key, "NotUnderstood"));
        return go(pdu, answers.bytes());
    }

    private static boolean isOfSecurity(String key) {
        return switch (key) {
            case "InitiatorName", "InitiatorAlias", "TargetName", "SessionType", "AuthMethod", "CHAP_A", "CHAP_I", "CHAP_C" -> true;
            default -> false;
        };
    }

    /** The first of the offered methods that will do; false when none does. */
    private boolean chooseMethod(String offered, TextKeys answers) {
        if (chap != null) {
            return false;
        }
        String method = Arrays.stream(offered.split(","))
            .filter(each -> each.equals("CHAP") && policy.allows() || each.equals("None") && !policy.required())
            .findFirst().orElse(null);
        if (method == null) {
            return false;
        }
        if (method.equals("CHAP")) {
            chap = new Chap(policy, host.catalogue().secrets(policy.group()), host.allowMd5(), host.random());
        }
        answers.add("AuthMethod", method);
        return true;
    }

    private Step check(LoginPdu pdu, Map<String, String> keys) {
        Chap.Check check = chap == null || !chap.isChallenged() || isAuthenticated ? null : chap.answer(keys);
        if (check == null) {
            return new Refuse(LoginStatus.AUTHENTICATION_FAILURE);
        }
        checking = pdu;
        Supplier<byte[]> run = () -> check.run(host.secrets());
        return new Check(run);
    }

    /** Takes what came of a {@link Check}. */
    public Step checked(byte[] answers) {
        LoginPdu pdu = checking;
        checking = null;
        if (answers == null) {
            return new Refuse(LoginStatus.AUTHENTICATION_FAILURE);
        }
        isAuthenticated = true;
        return go(pdu, answers);
    }

    private Step operational(LoginPdu pdu, Map<String, String> keys, TextKeys answers) {
        if (mustAuthenticate()) {
            return new Refuse(LoginStatus.AUTHENTICATION_FAILURE);
        }
        if (!negotiation.negotiate(keys, answers)) {
            return new Refuse(LoginStatus.INITIATOR_ERROR);
        }
        return go(pdu, answers.bytes());
    }

    private boolean mustAuthenticate() {
        return !isAuthenticated && (policy.required() || chap != null);
    }

    /** To the next stage, if the initiator is ready for it and may. */
    private Step go(LoginPdu pdu, byte[] answers) {
        if (!pdu.isTransit() || stage == SECURITY && chap != null && !isAuthenticated) {
            return new Answer(stage << LoginRequest.CSG_SHIFT, answers);
        }
        if (mustAuthenticate()) {
            return new Refuse(LoginStatus.AUTHENTICATION_FAILURE);
        }
        if (pdu.nsg() == FULL_FEATURE && !negotiation.isGood()) {
            return new Refuse(LoginStatus.INITIATOR_ERROR);
        }
        var answer = new Answer(LoginRequest.T | stage << LoginRequest.CSG_SHIFT | pdu.nsg(), answers);
        stage = pdu.nsg();
        return stage == FULL_FEATURE ? new Admit(answer) : answer;
    }
}
