import type { Plugin } from "esbuild";

export declare const partsOfPulumi: Plugin;
