package dev.karst.nvmf.tcp;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.nvmf.NvmfHost;
import dev.karst.nvmf.NvmfTransport;
import dev.karst.nvmf.NvmfTransportProvider;
import dev.karst.nvmf.TransportOptions;
import org.osgi.service.component.annotations.Component;

/** Brings {@code TCP} to the target. */
@Component(immediate = true)
public final class TcpTransportProvider implements NvmfTransportProvider {
    private static final int MAX_IO_BYTES_MIN = 8192;
    private static final int MAX_IO_BYTES_MAX = 1 << 20;
    private static final int DEPTH_MAX = 4096;
    private static final int IN_CAPSULE_MAX = 64 * 1024;

    @Override
    public String type() {
        return "TCP";
    }

    @Override
    public TransportOptions defaults() {
        return new TransportOptions(128, 128, 127, 4096, 128 * 1024, true, 1024, false);
    }

    @Override
    public NvmfTransport open(NvmfHost host, TransportOptions options) throws StorageException {
        check("max_queue_depth", options.maxQueueDepth(), 2, DEPTH_MAX);
        check("max_aq_depth", options.maxAdminQueueDepth(), 2, DEPTH_MAX);
        check("max_io_qpairs_per_ctrlr", options.maxIoQueues(), 1, 0xfffe);
        check("in_capsule_data_size", options.inCapsuleBytes(), 0, IN_CAPSULE_MAX);
        check("max_io_size", options.maxIoBytes(), MAX_IO_BYTES_MIN, MAX_IO_BYTES_MAX);
        if (Integer.bitCount(options.maxIoBytes()) != 1) {
            throw invalid("max_io_size", options.maxIoBytes(), "a power of two");
        }
        return new TcpTransport(host, options);
    }

    private static void check(String name, int value, int least, int most) throws StorageException {
        if (value < least || value > most) {
            throw invalid(name, value, "from " + least + " to " + most);
        }
    }

    private static StorageException invalid(String name, int value, String expected) {
        return StorageException.errno(Errno.EINVAL, name + " is " + value + ", it must be " + expected);
    }
}
