import type { PlotOptions } from "@observablehq/plot";

/** The chart as an element `svg`. */
export function plotted(options: Omit<PlotOptions, "document">): string;
