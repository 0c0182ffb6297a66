/** The management of the target, which calls {@link dev.karst.nvmf.core.NvmfTarget} and shows what it holds. */
package dev.karst.nvmf.core.rpc;
