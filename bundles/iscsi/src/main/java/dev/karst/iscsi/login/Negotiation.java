package dev.karst.iscsi.login;

import dev.karst.iscsi.model.IscsiOptions;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;

/** The operational parameters of a login: takes what the initiator offers, gives the answers. RFC 7143, 6.2 and 13. */
final class Negotiation {
    private static final String REJECT = "Reject";
    private static final String NONE = "None";
    private static final String CRC32C = "CRC32C";
    private static final int LENGTH_MIN = 512;
    private static final int LENGTH_MAX = (1 << 24) - 1;

    private final Parameters parameters;
    private final IscsiOptions options;
    private final boolean discovery;
    /** Keys that were negotiated: none is so twice. */
    private final Set<String> seen = new HashSet<>();
    private boolean declared;
    private boolean mustDigestHeader;
    private boolean mustDigestData;

    Negotiation(Parameters parameters, IscsiOptions options, boolean discovery) {
        this.parameters = parameters;
        this.options = options;
        this.discovery = discovery;
    }

    /** The node asks for digests. */
    void require(boolean headerDigest, boolean dataDigest) {
        mustDigestHeader = headerDigest;
        mustDigestData = dataDigest;
    }

    /** Whether it has come to something that the node can live with. */
    boolean isGood() {
        return (parameters.headerDigest || !mustDigestHeader) && (parameters.dataDigest || !mustDigestData);
    }

    /** Answers what is offered; false when a key is offered again. */
    boolean negotiate(Map<String, String> offered, TextKeys answers) {
        for (Map.Entry<String, String> pair : offered.entrySet()) {
            if (!seen.add(pair.getKey())) {
                return false;
            }
            String answer = answer(pair.getKey(), pair.getValue());
            if (answer != null) {
                answers.add(pair.getKey(), answer);
            }
        }
        if (!declared) {
            declared = true;
            parameters.ownMaxRecv = Parameters.OWN_MAX_RECV;
            answers.add("MaxRecvDataSegmentLength", Parameters.OWN_MAX_RECV);
        }
        parameters.firstBurst = Math.min(parameters.firstBurst, parameters.maxBurst);
        return true;
    }

    /** The answer to a key; null for one that needs none. */
    private String answer(String key, String value) {
        return switch (key) {
            case "InitiatorName", "InitiatorAlias", "TargetName", "SessionType" -> null;
            case "MaxRecvDataSegmentLength" -> declared(value);
            case "HeaderDigest" -> {
                String digest = digest(value, mustDigestHeader);
                parameters.headerDigest = digest.equals(CRC32C);
                yield digest;
            }
            case "DataDigest" -> {
                String digest = digest(value, mustDigestData);
                parameters.dataDigest = digest.equals(CRC32C);
                yield digest;
            }
            case "IFMarker", "OFMarker" -> "No";
            case "IFMarkInt", "OFMarkInt" -> REJECT;
            case "iSCSIProtocolLevel" -> atMost(value, 0, 31, 1, _ -> { });
            case "TaskReporting" -> List.of(value.split(",")).contains("RFC3720") ? "RFC3720" : REJECT;
            case "DefaultTime2Wait" -> atLeast(value);
            case "DefaultTime2Retain" -> atMost(value, 0, 3600, options.defaultTime2Retain(), n -> parameters.time2Retain = n);
            case "ErrorRecoveryLevel" -> atMost(value, 0, 2, 0, _ -> { });
            default -> discovery ? ofDiscovery(key) : ofSession(key, value);
        };
    }

    /** RFC 7143, 13: keys that mean nothing in a discovery session. */
    private static String ofDiscovery(String key) {
        return switch (key) {
            case "MaxConnections", "InitialR2T", "ImmediateData", "MaxBurstLength", "FirstBurstLength", "MaxOutstandingR2T",
                "DataPDUInOrder", "DataSequenceInOrder" -> "Irrelevant";
            default -> "NotUnderstood";
        };
    }

    private String ofSession(String key, String value) {
        return switch (key) {
            case "MaxConnections" -> atMost(value, 1, 0xffff, mostConnections(), n -> parameters.maxConnections = n);
            case "InitialR2T" -> {
                String answer = flag(value, parameters.maxConnections > 1, true);
                parameters.initialR2t = !answer.equals("No");
                yield answer;
            }
            case "ImmediateData" -> {
                parameters.immediateData = options.immediateData() && value.equals("Yes");
                yield flag(value, options.immediateData(), false);
            }
            case "MaxBurstLength" -> atMost(value, LENGTH_MIN, LENGTH_MAX, Parameters.MAX_BURST, n -> parameters.maxBurst = n);
            case "FirstBurstLength" -> atMost(value, LENGTH_MIN, LENGTH_MAX,
                Math.min(options.firstBurstLength(), Parameters.MAX_FIRST_BURST), n -> parameters.firstBurst = n);
            case "MaxOutstandingR2T" -> atMost(value, 1, 0xffff, options.maxR2tPerConnection(), n -> parameters.maxOutstandingR2t = n);
            case "DataPDUInOrder", "DataSequenceInOrder" -> flag(value, true, true);
            default -> "NotUnderstood";
        };
    }

    /** Commands wait for their turn where there are several connections, and data that was not asked for cannot. */
    private int mostConnections() {
        return parameters.initialR2t ? options.maxConnectionsPerSession() : 1;
    }

    private String declared(String value) {
        int length = number(value, LENGTH_MIN, LENGTH_MAX);
        if (length < 0) {
            return REJECT;
        }
        parameters.initiatorMaxRecv = length;
        return null;
    }

    /** The first in the initiator's order that can be. */
    private static String digest(String value, boolean required) {
        return Arrays.stream(value.split(",")).filter(each -> each.equals(CRC32C) || each.equals(NONE) && !required)
            .findFirst().orElse(REJECT);
    }

    private static String flag(String value, boolean own, boolean either) {
        if (!value.equals("Yes") && !value.equals("No")) {
            return REJECT;
        }
        boolean theirs = value.equals("Yes");
        return (either ? own || theirs : own && theirs) ? "Yes" : "No";
    }

    private String atLeast(String value) {
        int theirs = number(value, 0, 3600);
        if (theirs < 0) {
            return REJECT;
        }
        parameters.time2Wait = Math.max(theirs, options.defaultTime2Wait());
        return Integer.toString(parameters.time2Wait);
    }

    /** The lower of what is offered and what there can be. */
    private static String atMost(String value, int low, int high, int own, IntConsumer result) {
        int theirs = number(value, low, high);
        if (theirs < 0) {
            return REJECT;
        }
        int less = Math.min(theirs, own);
        result.accept(less);
        return Integer.toString(less);
    }

    /** A number, decimal or hexadecimal, within limits; else -1. */
    private static int number(String value, int low, int high) {
        boolean hex = value.startsWith("0x") || value.startsWith("0X");
        String digits = hex ? value.substring(2) : value;
        if (!digits.matches(hex ? "[0-9A-Fa-f]{1,8}" : "[0-9]{1,10}")) {
            return -1;
        }
        long number = Long.parseLong(digits, hex ? 16 : 10);
        return number >= low && number <= high ? (int) number : -1;
    }
}
