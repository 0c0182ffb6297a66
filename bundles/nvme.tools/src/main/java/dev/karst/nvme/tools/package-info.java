/** Programs on the driver, without a container: {@code NvmePerf} measures, {@code NvmeIdentify} shows. */
package dev.karst.nvme.tools;
