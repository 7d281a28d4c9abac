import { createHash } from 'node:crypto';

/** Source of random bytes: `randomBytes` of node:crypto, or {@link seededRandom} for reproducible ids. */
export type Random = (bytes: number) => Uint8Array;

/** Deterministic bytes: the same seed gives the same payload. Not for keys. */
export function seededRandom(seed: string): Random {
  let block = 0;
  let pool: Buffer = Buffer.alloc(0);
  return (bytes) => {
    while (pool.length < bytes) {
      pool = Buffer.concat([pool, createHash('sha256').update(`${seed}:${block}`).digest()]);
      block += 1;
    }
    const taken = pool.subarray(0, bytes);
    pool = pool.subarray(bytes);
    return taken;
  };
}

/** Version 4 UUID in lower case. */
export function uuidFrom(random: Random): string {
  const bytes = Buffer.from(random(16));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Decimal digits; may begin with zeros. */
export function digitsFrom(random: Random, count: number): string {
  return Array.from(random(count), (byte) => byte % 10).join('');
}
