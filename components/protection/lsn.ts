/** Reads a position in the WAL, such as `1A/3000060`; nothing when it is none. */
export function readLsn(text: string): bigint | undefined {
    const [, high, low] = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text) ?? [];
    return high === undefined || low === undefined
        ? undefined
        : (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}
