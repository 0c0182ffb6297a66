package dev.karst.nvmf.core;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The configuration {@code dev.karst.nvmf}; takes effect for listeners that are added, and transports that go, from then on. */
@ObjectClassDefinition(name = "Karst NVMe-oF target", description = "Who may reach the NVMe-oF target")
public @interface NvmfSettings {
    /** Whether listeners may be added that other machines can reach; until hosts are authenticated, think twice. */
    @AttributeDefinition(name = "Allow remote")
    boolean allow_remote() default false;

    /** How long connections and listening sockets wait, in milliseconds, while their transport or the target is replaced. */
    @AttributeDefinition(name = "Hand-over time-out")
    long handover_timeout_ms() default 3_000;
}
