package dev.karst.nvme.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.karst.base.IoVector;
import dev.karst.base.Mem;
import dev.karst.base.Status;
import dev.karst.env.EventSet;
import dev.karst.env.Network;
import dev.karst.env.Readiness;
import dev.karst.env.Region;
import dev.karst.env.ServerSocket;
import dev.karst.env.StreamSocket;
import dev.karst.nvme.NvmeRequest;
import dev.karst.reactor.sim.SimWorld;
import dev.karst.spec.nvme.Opcode;
import dev.karst.spec.nvmetcp.Pdu;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Reads and writes allocate nothing on their way through a queue. The times are told, and not judged. */
class AllocationTest {
    private static final int DEPTH = 32;
    private static final int DATA = 4096;
    private static final int WARM_UP = 200_000;
    private static final int MEASURED = 200_000;
    private static final ThreadMXBean BEAN = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final System.Logger LOG = System.getLogger(AllocationTest.class.getName());

    /** A socket whose peer answers each command within the call: a read by data that says all, a write by a response. */
    private static final class Loop extends StreamSocket {
        private static final int BYTES = 1 << 20;

        private final long in;
        private final long out;
        private int inBytes;
        private int outFrom;
        private int outTo;
        private Readiness readiness;

        Loop(long memory) {
            in = memory;
            out = memory + BYTES;
        }

        @Override
        public int write(IoVector data, long offset) {
            int count = (int) (data.bytes() - offset);
            long skip = offset;
            for (int i = 0; i < data.count(); i++) {
                int part = (int) (data.length(i) - Math.min(skip, data.length(i)));
                Mem.copy(data.address(i) + data.length(i) - part, in + inBytes, part);
                inBytes += part;
                skip -= Math.min(skip, data.length(i));
            }
            int from = 0;
            while (inBytes - from >= Pdu.BYTES && inBytes - from >= Pdu.PLEN.get(in + from)) {
                answer(in + from);
                from += (int) Pdu.PLEN.get(in + from);
            }
            inBytes -= from;
            Mem.copy(in + from, in, inBytes);
            readiness.readable();
            return count;
        }

        private void answer(long pdu) {
            long at = out + outTo;
            if (Pdu.TYPE.get(pdu) == Pdu.ICREQ) {
                Mem.fill(at, 128, (byte) 0);
                Mem.setLong(at, Pdu.ICRESP | 128 << 16 | 128L << 32);
                Mem.setInt(at + 12, DATA);
                outTo += 128;
            } else if (Mem.getU8(pdu + 8) == Opcode.NVM_READ) {
                Mem.setLong(at, Pdu.C2H_DATA | (Pdu.LAST_PDU | Pdu.SUCCESS) << 8 | 24 << 16 | 24 << 24 | 24L + DATA << 32);
                Mem.setLong(at + 8, Mem.getU16(pdu + 10));
                Mem.setLong(at + 16, DATA);
                outTo += 24 + DATA;
            } else {
                Mem.setLong(at, Pdu.CAPSULE_RESP | 24 << 16 | 24L << 32);
                Mem.setLong(at + 8, 0);
                Mem.setLong(at + 16, (long) Mem.getU16(pdu + 10) << 32);
                outTo += 24;
            }
        }

        @Override
        public int read(long address, int length) {
            int count = Math.min(length, outTo - outFrom);
            if (count == 0) {
                outFrom = outTo = 0;
                return AGAIN;
            }
            Mem.copy(out + outFrom, address, count);
            outFrom += count;
            return count;
        }

        @Override
        public void watch(EventSet events, Readiness readiness) {
            this.readiness = readiness;
        }

        @Override
        public void unwatch() {
            // Nobody is told by itself.
        }

        @Override
        public String peer() {
            return "loop";
        }

        @Override
        public String local() {
            return "here";
        }

        @Override
        public void shutdownOutput() {
            // The peer is this.
        }

        @Override
        public void shutdown() {
            // The peer is this.
        }

        @Override
        public void close() {
            // The peer is this.
        }
    }

    /** Goes again whenever it ended. */
    private static final class Again extends NvmeRequest {
        private final TcpQueue queue;
        private final boolean write;

        Again(TcpQueue queue, long address, boolean write) {
            super(1);
            this.queue = queue;
            this.write = write;
            data.set(address, DATA);
        }

        void go() {
            opcode = write ? Opcode.NVM_WRITE : Opcode.NVM_READ;
            nsid = 1;
            range(0, DATA / 512);
            Host.check(queue.submit(this) == Status.OK, "a command was not taken");
        }

        @Override
        protected void ended(int status) {
            Host.check(status == 0, "a command failed");
            go();
        }
    }

    private static Network network(Loop loop) {
        return new Network() {
            @Override
            public ServerSocket listen(String address, int port, int backlog) {
                throw new UnsupportedOperationException();
            }

            @Override
            public StreamSocket connect(String address, int port, String local) {
                return loop;
            }
        };
    }

    @Test
    void shouldAllocateNothingWhenCommandsGoAndEnd() {
        SimWorld.run(1, 1, 1, world -> {
            Region memory = world.environment().memory().allocate("loop", 2L * Loop.BYTES + DEPTH * DATA);
            var address = new TcpAddress(network(new Loop(memory.address())), "loop", 1, "", 0, 1000);
            var fabrics = new TcpFabrics(world.environment(), world.reactors());
            var queue = new TcpQueue(1, DEPTH, world.reactor(0), new Host(world), address, fabrics);
            world.background(() -> {
                queue.connect(DATA);
                return null;
            });
            queue.connected(true);
            for (int i = 0; i < DEPTH; i++) {
                new Again(queue, memory.address() + 2L * Loop.BYTES + i * DATA, i % 2 == 0).go();
            }
            run(queue, WARM_UP);
            long bytes = BEAN.getCurrentThreadAllocatedBytes();
            long nanos = BEAN.getCurrentThreadCpuTime();
            run(queue, MEASURED);
            nanos = BEAN.getCurrentThreadCpuTime() - nanos;
            bytes = BEAN.getCurrentThreadAllocatedBytes() - bytes;
            LOG.log(Level.INFO, "{0} ns for a command and its answer by a peer in memory", nanos / MEASURED);
            assertEquals(0, bytes / MEASURED, bytes + " bytes were allocated");
        });
    }

    private static void run(TcpQueue queue, int commands) {
        long last = queue.endedCount() + commands;
        while (queue.endedCount() < last) {
            queue.poll(Integer.MAX_VALUE);
        }
    }
}
