import { createHash } from 'node:crypto';
import { column } from './column.js';

/** 128 bits that stand for a name. */
export type Key = readonly [number, number, number, number];

/** Numbers names 0, 1, 2 … in the order they were first seen. */
export interface UuidTable {
  readonly size: number;
  /** -1 for a name not seen yet. */
  find(key: Key): number;
  /** The number of a name, a new one where it was not seen yet. */
  add(key: Key): number;
}

/** 16 bytes a name and 5 to 8 for finding it: open addressing, no objects. */
export function createUuidTable(): UuidTable {
  const words = [0, 1, 2, 3].map(() => column(Uint32Array));
  let buckets = new Uint32Array(FIRST_BUCKETS);
  let size = 0;

  /** The bucket a key is in or would go to. Buckets hold the number plus one; 0 is free. */
  const bucketOf = (key: Key): number => {
    let at = mix(key) % buckets.length;
    for (let held = buckets[at]!; held !== 0 && !isAt(held - 1, key); held = buckets[at]!) {
      at = at + 1 === buckets.length ? 0 : at + 1;
    }
    return at;
  };
  const isAt = (index: number, key: Key): boolean => {
    for (let word = 0; word < 4; word++) if (words[word]!.get(index) !== key[word]) return false;
    return true;
  };
  const grow = (): void => {
    buckets = new Uint32Array(Math.floor(buckets.length * GROWTH));
    const [a, b, c, d] = words;
    for (let index = 0; index < size; index++) {
      buckets[bucketOf([a!.get(index), b!.get(index), c!.get(index), d!.get(index)])] = index + 1;
    }
  };

  return {
    get size() {
      return size;
    },
    find: (key) => buckets[bucketOf(key)]! - 1,
    add: (key) => {
      if (size >= buckets.length * MOST_FILLED) grow();
      const at = bucketOf(key);
      if (buckets[at] === 0) {
        for (let word = 0; word < 4; word++) words[word]!.set(size, key[word]!);
        size += 1;
        buckets[at] = size;
      }
      return buckets[at]! - 1;
    },
  };
}

/** A UUID as Apple writes it stands for itself, anything else for its SHA-256. */
export function keyOfUuid(uuid: string): Key {
  if (!UUID.test(uuid)) return keyOfHash(`uuid ${uuid}`);
  return [
    Number.parseInt(uuid.slice(0, 8), 16),
    Number.parseInt(uuid.slice(9, 13) + uuid.slice(14, 18), 16),
    Number.parseInt(uuid.slice(19, 23) + uuid.slice(24, 28), 16),
    Number.parseInt(uuid.slice(28), 16),
  ];
}

/** For a notification without a UUID, which nothing can repeat. */
export function keyOfId(id: string): Key {
  return keyOfHash(`id ${id}`);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Room for 49,152 before it grows. */
const FIRST_BUCKETS = 65_536;
const MOST_FILLED = 0.75;
/** Twice as many would leave more of them empty than are used. */
const GROWTH = 1.5;

function keyOfHash(text: string): Key {
  const hash = createHash('sha256').update(text).digest();
  return [hash.readUInt32BE(0), hash.readUInt32BE(4), hash.readUInt32BE(8), hash.readUInt32BE(12)];
}

/** UUIDs made of a clock or a counter differ in few bits. The steps are the finaliser of MurmurHash3, which is in the public domain. */
function mix([a, b, c, d]: Key): number {
  let hash = a ^ Math.imul(b, 0x9e3779b1) ^ Math.imul(c, 0x85ebca6b) ^ Math.imul(d, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
