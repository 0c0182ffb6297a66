/** What a simulated controller is like and remembers, whichever command asks. */
package dev.karst.nvme.testkit.controller;
