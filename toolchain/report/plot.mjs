// Observable Plot draws into the document of a browser; linkedom is one without a browser. Plain JavaScript: the types of a document would
// come with all of a browser's globals for all of this program.
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

const { document } = parseHTML("<!doctype html><html></html>");

export function plotted(options) {
    return Plot.plot({ ...options, document }).outerHTML;
}
