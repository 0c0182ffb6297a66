package dev.karst.nvme.pcie;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.env.Pci;
import dev.karst.env.PciDevice;
import dev.karst.env.PciFunction;
import dev.karst.nvme.TransportId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BusTransportTest {
    private static final String FREE = "0000:01:00.0";
    private static final String BRIDGE = "0000:00:1c.0";

    private final List<PciFunction> functions = new ArrayList<>();
    private final PlayedDevice device = new PlayedDevice();
    private final BusTransport transport = new BusTransport(new Pci() {
        @Override
        public List<PciFunction> functions() {
            return functions;
        }

        @Override
        public void bind(String address, String driver) {
            throw new UnsupportedOperationException();
        }

        @Override
        public PciDevice open(String address) throws StorageException {
            device.address = functions.stream().map(PciFunction::address).filter(full -> full.endsWith(address)).findFirst()
                .orElseThrow(() -> Pci.absent(address));
            return device;
        }
    });

    private void function(String address, int classCode, String driver) {
        functions.add(new PciFunction(address, 0x1b36, 0x10, 0, 0, classCode, driver, -1, -1));
    }

    @Test
    void shouldFindTheControllersThatTheKernelLeavesAlone() {
        function("0000:00:10.0", PciFunction.NVME, "nvme");
        function(BRIDGE, 0x060400, "");
        function(FREE, PciFunction.NVME, "");
        function("0000:02:00.0", PciFunction.NVME, "vfio-pci");
        function("0000:03:00.0", PciFunction.NVME, "uio_pci_generic");
        assertEquals(
            List.of(TransportId.pcie(FREE), TransportId.pcie("0000:02:00.0"), TransportId.pcie("0000:03:00.0")), transport.probe());
    }

    @Test
    void shouldOpenTheDeviceWhenItIsAController() throws StorageException {
        function(FREE, PciFunction.NVME, "vfio-pci");
        assertSame(device, transport.open(TransportId.pcie("01:00.0")));
        assertFalse(device.closed);
    }

    @Test
    void shouldGiveTheDeviceBackWhenItIsNoController() {
        function(BRIDGE, 0x060400, "");
        var e = assertThrows(StorageException.class, () -> transport.open(TransportId.pcie(BRIDGE)));
        assertEquals(-Errno.EINVAL, e.code());
        assertTrue(e.getMessage().contains("its class is 060400"), e.getMessage());
        assertTrue(device.closed);
    }

    @Test
    void shouldSayThatThereIsNoneWhenTheAddressIsWrong() {
        var e = assertThrows(StorageException.class, () -> transport.open(TransportId.pcie(FREE)));
        assertEquals(-Errno.ENODEV, e.code());
    }
}
