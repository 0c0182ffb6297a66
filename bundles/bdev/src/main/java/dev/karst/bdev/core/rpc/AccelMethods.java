package dev.karst.bdev.core.rpc;

import dev.karst.rpc.RpcMethod;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Who works on data in memory: the processors, which SPDK calls the module software. */
final class AccelMethods {
    private static final String SOFTWARE = "software";
    /** SPDK's names of what is done to data here; what is not done is not listed. */
    private static final List<String> OPERATIONS =
        List.of("copy", "fill", "compare", "crc32c", "dif_verify", "dif_generate", "dix_generate", "dix_verify");

    private AccelMethods() {}

    static List<RpcMethod> methods() {
        return List.of(
            RpcMethod.named("accel_get_opc_assignments", "bdev", "operations", "Tells who carries out which operation on data")
                .readOnly()
                .does(_ -> assignments()),
            RpcMethod.named("accel_get_module_info", "bdev", "operation-modules", "Lists who carries out operations on data")
                .readOnly()
                .does(_ -> modules()));
    }

    private static Map<String, Object> assignments() {
        Map<String, Object> answer = new LinkedHashMap<>();
        OPERATIONS.forEach(operation -> answer.put(operation, SOFTWARE));
        return answer;
    }

    private static List<Map<String, Object>> modules() {
        Map<String, Object> module = new LinkedHashMap<>();
        module.put("module", SOFTWARE);
        module.put("supported ops", OPERATIONS);
        return List.of(module);
    }
}
