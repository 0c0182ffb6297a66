/** Tests of the built distribution: in the container with Pax Exam, and from outside through the karst script. */
package dev.karst.itests;
