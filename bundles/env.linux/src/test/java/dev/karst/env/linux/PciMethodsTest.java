package dev.karst.env.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.PciFunction;
import dev.karst.rpc.RpcCall;
import dev.karst.rpc.RpcMethod;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On whatever bus this machine has. */
class PciMethodsTest {
    private final LinuxEnvironment environment = new LinuxEnvironment();

    @AfterEach
    void close() {
        environment.close();
    }

    private RpcMethod method(String name) {
        return environment.methods().stream().filter(method -> method.name().equals(name)).findFirst().orElseThrow();
    }

    private Object call(String name, Map<String, Object> parameters) throws StorageException {
        return method(name).handler().call(new RpcCall(parameters, percent -> {}, () -> false));
    }

    @SuppressWarnings("unchecked")
    private List<String> addresses(Map<String, Object> parameters) throws StorageException {
        return ((List<Map<String, Object>>) call("karst_pci_get_functions", parameters)).stream()
            .map(shown -> (String) shown.get("address")).toList();
    }

    @Test
    void shouldListControllersAloneUnlessAllIsAskedFor() throws StorageException {
        List<PciFunction> functions = environment.pci().functions();
        assertEquals(functions.stream().map(PciFunction::address).toList(), addresses(Map.of("all", true)));
        assertEquals(
            functions.stream().filter(function -> function.classCode() == PciFunction.NVME).map(PciFunction::address).toList(),
            addresses(Map.of()));
    }

    @Test
    void shouldSayThatThereIsNoneWhenTheFunctionToBindIsNotThere() {
        var e = assertThrows(StorageException.class, () -> call("karst_pci_bind", Map.of("address", "ffff:ff:1f.7")));
        assertEquals(-Errno.ENODEV, e.code());
        assertTrue(e.getMessage().contains("nvme:pci-list"), e.getMessage());
    }

    @Test
    void shouldLetAdministratorsAloneBind() {
        assertEquals(RpcMethod.Role.ADMIN, method("karst_pci_bind").role());
        assertEquals(RpcMethod.Role.VIEWER, method("karst_pci_get_functions").role());
    }
}
