export declare const CACHE: string;
export declare const PROGRAMS: Readonly<Record<string, string>>;
export declare function hashSources(root: string): string;
export declare function placeService(root: string, hash?: string): void;
export declare function compile(root: string, source: string): Uint8Array;
export declare function write(path: string, content: Uint8Array): void;
