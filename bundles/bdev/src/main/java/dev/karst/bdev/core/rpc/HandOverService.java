package dev.karst.bdev.core.rpc;

import dev.karst.base.StorageException;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.ModuleHandOver;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The block layer's part in the replacement of modules, as a service. */
@Component(immediate = true)
public final class HandOverService implements ModuleHandOver {
    private final ModuleHandOver layer;

    @Activate
    public HandOverService(@Reference BlockLayer layer) {
        this.layer = layer.handOver();
    }

    @Override
    public boolean isBound(BdevModule module) {
        return layer.isBound(module);
    }

    @Override
    public boolean hasRestored(BdevModule module) {
        return layer.hasRestored(module);
    }

    @Override
    public Moved handOver(BdevModule from, BdevModule to) throws StorageException {
        return layer.handOver(from, to);
    }

    @Override
    public void tell(String module, Outcome outcome) {
        layer.tell(module, outcome);
    }
}
