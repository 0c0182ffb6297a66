package dev.karst.bdev.nvme;

import dev.karst.base.Errno;
import dev.karst.base.StorageException;
import dev.karst.bdev.module.BdevHost;
import dev.karst.bdev.module.BdevModule;
import dev.karst.bdev.module.CreationRecord;
import dev.karst.bdev.testkit.BdevModuleContract;
import dev.karst.bdev.testkit.BdevStage;
import dev.karst.rpc.ConfigSource.Call;
import dev.karst.rpc.RpcChecks;
import dev.karst.rpc.RpcMethod;
import dev.karst.rpc.RpcMethods;
import dev.karst.rpc.RpcParameter;
import dev.karst.rpc.RpcParameter.Type;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

class NvmeContractTest extends BdevModuleContract {
    FakeDriver driver;

    /** The module with methods that make one device of one name, as the contract wants them. */
    private record OneDevice(NvmeModule module) implements BdevModule, RpcMethods {
        private static final RpcParameter NAME = RpcParameter.required("name", Type.STRING, "Name");

        @Override
        public String name() {
            return module.name();
        }

        @Override
        public void start(BdevHost host) {
            module.start(host);
        }

        @Override
        public void stop() {
            module.stop();
        }

        @Override
        public void restore(CreationRecord record) throws StorageException {
            module.restore(record);
        }

        @Override
        public List<RpcMethod> methods() {
            return List.of(
                RpcMethod.named("test_attach", "test", "attach", "Attaches").takes(NAME).does(call -> attach(call.string("name"))),
                RpcMethod.named("test_detach", "test", "detach", "Detaches").takes(NAME).does(call -> detach(call.string("name"))));
        }

        private Object attach(String device) throws StorageException {
            String name = device.substring(0, device.length() - 2);
            if (!((List<?>) call("bdev_nvme_get_controllers", Map.of())).isEmpty()) {
                throw StorageException.errno(Errno.EEXIST, "the contract has one device at a time");
            }
            List<?> devices = (List<?>) call("bdev_nvme_attach_controller", Map.of(
                "name", name, "trtype", "TCP", "traddr", "127.0.0.1", "trsvcid", "1", "subnqn", FakeController.SUBSYSTEM));
            if (devices.isEmpty()) {
                detach(device);
                throw StorageException.errno(Errno.EIO, "the namespace is no device");
            }
            return devices.getFirst();
        }

        private Object detach(String device) throws StorageException {
            return call("bdev_nvme_detach_controller", Map.of("name", device.substring(0, Math.max(0, device.length() - 2))));
        }

        private Object call(String name, Map<String, Object> parameters) throws StorageException {
            RpcMethod method = module.methods().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
            return method.handler().call(RpcChecks.check(method, parameters));
        }
    }

    @Override
    protected void prepare(BdevStage stage) throws StorageException {
        var random = new SplittableRandom(7);
        driver = new FakeDriver(stage.environment(), stage.reactors(), oneIn -> random.nextInt(oneIn) == 0);
        driver.add(1, 512);
    }

    @Override
    protected boolean comesByItsOwnCall() {
        return false;
    }

    @Override
    protected BdevModule newModule() {
        var module = new NvmeModule();
        module.setDriver(driver);
        return new OneDevice(module);
    }

    @Override
    protected Call creation(String name) {
        return new Call("test_attach", Map.of("name", name));
    }

    @Override
    protected String deletion() {
        return "test_detach";
    }
}
