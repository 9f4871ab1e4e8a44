// What `npm run pulumi` does with the terminal, as a program of its own for a test to interrupt.
import { foreground } from "../../toolchain/foreground";

process.exitCode = (await foreground("pulumi", process.argv.slice(2), process.env)).status;
