package dev.karst.nvme.core.show;

import dev.karst.spec.nvme.IdentifyController;
import dev.karst.spec.nvme.IdentifyNamespace;
import dev.karst.spec.nvme.log.HealthLog;

/** What is shown of the data structures. */
final class Figures {
    /** Identify Controller. */
    static final Figure CONTROLLER = new Figure()
        .with("vid", IdentifyController.VID).with("ssvid", IdentifyController.SSVID).with("sn", IdentifyController.SN)
        .with("mn", IdentifyController.MN).with("fr", IdentifyController.FR).with("rab", IdentifyController.RAB)
        .with("ieee", IdentifyController.IEEE).with("cmic", IdentifyController.CMIC).with("mdts", IdentifyController.MDTS)
        .with("cntlid", IdentifyController.CNTLID).with("ver", IdentifyController.VER).with("rtd3r", IdentifyController.RTD3R)
        .with("rtd3e", IdentifyController.RTD3E).with("oaes", IdentifyController.OAES).with("ctratt", IdentifyController.CTRATT)
        .with("rrls", IdentifyController.RRLS).with("cntrltype", IdentifyController.CNTRLTYPE).with("oacs", IdentifyController.OACS)
        .with("acl", IdentifyController.ACL).with("aerl", IdentifyController.AERL).with("frmw", IdentifyController.FRMW)
        .with("lpa", IdentifyController.LPA).with("elpe", IdentifyController.ELPE).with("npss", IdentifyController.NPSS)
        .with("wctemp", IdentifyController.WCTEMP).with("cctemp", IdentifyController.CCTEMP).with("kas", IdentifyController.KAS)
        .with("anatt", IdentifyController.ANATT).with("anacap", IdentifyController.ANACAP)
        .with("anagrpmax", IdentifyController.ANAGRPMAX).with("nanagrpid", IdentifyController.NANAGRPID)
        .with("sqes", IdentifyController.SQES).with("cqes", IdentifyController.CQES).with("maxcmd", IdentifyController.MAXCMD)
        .with("nn", IdentifyController.NN).with("oncs", IdentifyController.ONCS).with("fuses", IdentifyController.FUSES)
        .with("fna", IdentifyController.FNA).with("vwc", IdentifyController.VWC).with("awun", IdentifyController.AWUN)
        .with("awupf", IdentifyController.AWUPF).with("acwu", IdentifyController.ACWU).with("sgls", IdentifyController.SGLS)
        .with("mnan", IdentifyController.MNAN).with("subnqn", IdentifyController.SUBNQN).with("ioccsz", IdentifyController.IOCCSZ)
        .with("iorcsz", IdentifyController.IORCSZ).with("icdoff", IdentifyController.ICDOFF).with("msdbd", IdentifyController.MSDBD);

    /** Identify Namespace. */
    static final Figure NAMESPACE = new Figure()
        .with("nsze", IdentifyNamespace.NSZE).with("ncap", IdentifyNamespace.NCAP).with("nuse", IdentifyNamespace.NUSE)
        .with("nsfeat", IdentifyNamespace.NSFEAT).with("nlbaf", IdentifyNamespace.NLBAF).with("flbas", IdentifyNamespace.FLBAS)
        .with("mc", IdentifyNamespace.MC).with("dpc", IdentifyNamespace.DPC).with("dps", IdentifyNamespace.DPS)
        .with("nmic", IdentifyNamespace.NMIC).with("rescap", IdentifyNamespace.RESCAP).with("dlfeat", IdentifyNamespace.DLFEAT)
        .with("noiob", IdentifyNamespace.NOIOB).with("mssrl", IdentifyNamespace.MSSRL).with("mcl", IdentifyNamespace.MCL)
        .with("msrc", IdentifyNamespace.MSRC).with("anagrpid", IdentifyNamespace.ANAGRPID).with("nguid", IdentifyNamespace.NGUID)
        .with("eui64", IdentifyNamespace.EUI64);

    /** SMART / Health Information. */
    static final Figure HEALTH = new Figure()
        .with("critical_warning", HealthLog.CW).with("temperature", HealthLog.CTEMP).with("avail_spare", HealthLog.AVSP)
        .with("spare_thresh", HealthLog.AVSPT).with("percent_used", HealthLog.PUSED).counting("data_units_read", HealthLog.DUR)
        .counting("data_units_written", HealthLog.DUW).counting("host_read_commands", HealthLog.HRC)
        .counting("host_write_commands", HealthLog.HWC).counting("controller_busy_time", HealthLog.CBT)
        .counting("power_cycles", HealthLog.PWRC).counting("power_on_hours", HealthLog.POH)
        .counting("unsafe_shutdowns", HealthLog.UPL).counting("media_errors", HealthLog.MDIE)
        .counting("num_err_log_entries", HealthLog.NEILE).with("warning_temp_time", HealthLog.WCTT)
        .with("critical_comp_time", HealthLog.CCTT);

    private Figures() {}
}
