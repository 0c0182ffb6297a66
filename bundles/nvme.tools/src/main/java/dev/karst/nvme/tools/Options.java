package dev.karst.nvme.tools;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.nvme.TransportId;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What a program was told: {@code -r} where the controller is, and what {@link NvmePerf} takes besides.
 *
 * @param id the controller
 * @param nsid the namespace; 0 for the first
 * @param pattern what is done
 * @param seconds for how long it is measured
 * @param reactors on how many reactors
 * @param latencies whether each request's time is taken
 */
record Options(TransportId id, int nsid, Load.Pattern pattern, int seconds, int reactors, boolean latencies) {
    static final String USAGE = """
        nvme-perf -r TRANSPORT-ID [-n NSID] [-q DEPTH] [-o BYTES] [-w PATTERN] [-M READ-PERCENT] [-t SECONDS] [-c REACTORS] [-L]

          -r  the controller, as 'trtype:PCIe traddr:0000:00:10.0' or 'trtype:TCP traddr:127.0.0.1 trsvcid:4420 subnqn:NQN'
          -n  the namespace; the first as it comes
          -q  requests in flight on each reactor, 32
          -o  bytes of a request, 4096
          -w  read, write, rw, randread, randwrite or randrw; randread. What writes destroys what the namespace holds
          -M  how many of a hundred read, for rw and randrw; 50
          -t  seconds to measure, after 2 to warm up; 10
          -c  how many reactors take part; 1
          -L  shows latencies by percentile""";

    private static final Set<String> KEYS = Set.of("-r", "-n", "-q", "-o", "-w", "-M", "-t", "-c");
    private static final int MOST_DEPTH = 4095;
    private static final int MOST_BYTES = 1 << 20;
    private static final int MOST_SECONDS = 86_400;
    private static final int MOST_REACTORS = 1024;

    /** @throws StorageException EINVAL, saying what is wrong */
    static Options parse(String[] arguments) throws StorageException {
        Map<String, String> values = new HashMap<>();
        boolean latencies = false;
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].equals("-L")) {
                latencies = true;
            } else if (KEYS.contains(arguments[i]) && i + 1 < arguments.length) {
                values.put(arguments[i], arguments[++i]);
            } else {
                throw invalid(arguments[i] + " is no option, or lacks its value");
            }
        }
        if (!values.containsKey("-r")) {
            throw invalid("-r is missing");
        }
        String kind = values.getOrDefault("-w", "randread");
        boolean random = kind.startsWith("rand");
        int readPercent = switch (random ? kind.substring("rand".length()) : kind) {
            case "read" -> 100;
            case "write" -> 0;
            case "rw" -> number(values, "-M", 50, 100);
            default -> throw invalid("-w " + kind + " is no pattern");
        };
        var pattern = new Load.Pattern(
            Math.max(1, number(values, "-q", 32, MOST_DEPTH)), number(values, "-o", 4096, MOST_BYTES), random, readPercent);
        return new Options(
            TransportId.parse(values.get("-r")), number(values, "-n", 0, Integer.MAX_VALUE), pattern,
            Math.max(1, number(values, "-t", 10, MOST_SECONDS)), Math.max(1, number(values, "-c", 1, MOST_REACTORS)), latencies);
    }

    private static int number(Map<String, String> values, String key, int usual, int most) throws StorageException {
        String value = values.get(key);
        if (value == null) {
            return usual;
        }
        try {
            int number = Integer.parseInt(value);
            if (number >= 0 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw invalid(key + " " + value + " is no number");
        }
        throw invalid(key + " " + value + " is not from 0 to " + most);
    }

    private static StorageException invalid(String why) {
        return StorageException.errno(Errno.EINVAL, why + "\n" + USAGE);
    }
}
