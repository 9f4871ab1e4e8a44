// A preview without changes, as a ratio to an empty program's.
import { againstEmpty } from "./againstEmpty";

await againstEmpty("preview", ["preview"]);
