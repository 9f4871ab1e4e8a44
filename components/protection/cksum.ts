const POLYNOMIAL = 0x04c11db7;

/** What the POSIX command `cksum` prints of standard input: the checksum and the length. */
export function cksum(content: Uint8Array): string {
    const length: number[] = [];
    for (let rest = content.length; rest > 0; rest = Math.floor(rest / 256)) length.push(rest & 0xff);
    let crc = 0;
    for (const byte of [...content, ...length]) {
        crc ^= byte << 24;
        for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80000000) === 0 ? crc << 1 : (crc << 1) ^ POLYNOMIAL;
    }
    return `${(crc ^ 0xffffffff) >>> 0} ${content.length}`;
}
