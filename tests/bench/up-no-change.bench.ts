// An `up` without changes, as a ratio to an empty program's.
import { againstEmpty } from "./againstEmpty";

await againstEmpty("up-no-change", ["up", "--yes", "--skip-preview"]);
