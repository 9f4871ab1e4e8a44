export declare const CACHE: string;
export declare function hashOf(root: string, paths: readonly string[]): string;
export declare function placeService(root: string): void;
export declare function write(path: string, content: Uint8Array): void;
