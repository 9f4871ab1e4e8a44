export declare const CACHE: string;
export declare function hashSources(root: string): string;
export declare function placeService(root: string, hash?: string): void;
export declare function write(path: string, content: Uint8Array): void;
