package dev.karst.bdev.core.rpc;

import dev.karst.base.StorageException;
import dev.karst.bdev.core.BlockLayer;
import dev.karst.bdev.core.CoreBdev;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.rpc.ConfigSource;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** What the fronts call of the block layer, and what it takes to bring its devices back. */
@Component(immediate = true, service = {RpcMethods.class, ConfigSource.class})
public final class BdevFront implements RpcMethods, ConfigSource {
    private final BlockLayer layer;
    private final ExamineMethods examine;
    private final List<RpcMethod> methods;

    /** The front of a block layer; also for Declarative Services. */
    @Activate
    public BdevFront(@Reference BlockLayer layer) {
        this.layer = layer;
        this.examine = new ExamineMethods(layer);
        this.methods = Stream.of(new BdevMethods(layer).methods(), new LatencyMethods(layer).methods(),
                new RateMethods(layer).methods(), new IostatMethods(layer).methods(), examine.methods(),
                new NoticeMethods(layer.notices()).methods(), new ChannelMethods(layer).methods(),
                new BufferMethods(layer).methods(), AccelMethods.methods())
            .flatMap(List::stream).toList();
    }

    @Override
    public List<RpcMethod> methods() {
        return methods;
    }

    @Override
    public String subsystem() {
        return "bdev";
    }

    @Override
    public List<String> after() {
        return List.of("accel", "iobuf", "sock");
    }

    @Override
    public List<Call> calls() {
        Stream<Call> devices = layer.present().stream().flatMap(BdevFront::calls);
        Stream<Call> first = layer.kept(true).stream().filter(record -> !record.method().isEmpty()).map(BdevFront::call);
        Stream<Call> later = layer.kept(false).stream().map(BdevFront::call);
        return Stream.of(examine.calls(), first, devices, later).flatMap(Function.identity()).toList();
    }

    private static Call call(CreationRecord record) {
        return new Call(record.method(), record.parameters());
    }

    @Override
    public boolean isWhole() {
        return !layer.hasLostDevice();
    }

    /** Volumes are not made by calls: they are found. */
    @Override
    public void settle() throws StorageException {
        examine.await();
    }

    /** Makes one device, and sets what was set. */
    private static Stream<Call> calls(CoreBdev bdev) {
        Optional<Call> made = Optional.of(call(bdev.record())).filter(call -> !call.method().isEmpty());
        return Stream.of(made, RateMethods.call(bdev), LatencyMethods.call(bdev)).flatMap(Optional::stream);
    }
}
