/** A body that waits for verification. */
interface QueuedBody {
  readonly input: { readonly body: Uint8Array; readonly address?: string | null };
}

/** Upper bounds of the size classes in bytes. Apple's bodies are about 19 KB, so they are in the first. */
const CLASS_BYTES = [32_768, 131_072, Number.POSITIVE_INFINITY];

/** From this size on a body is large: it is verified alone, and not on every thread at once. */
const LARGE_BYTES = 131_072;

/** Every so many bodies one of the largest class is taken, so that none waits forever. */
const TURN_OF_LARGEST = 32;

export function isLargeBody({ input }: QueuedBody): boolean {
  return input.body.length > LARGE_BYTES;
}

/**
 * Queue of bodies in which an attacker does not get ahead of Apple: smaller size classes first, and within a class one body of each address
 * in turn. Oldest first for one address.
 */
export class BodyQueue<Body extends QueuedBody> {
  readonly #classes = CLASS_BYTES.map(() => new Map<string, Body[]>());
  #size = 0;
  #taken = 0;

  get size(): number {
    return this.#size;
  }

  add(body: Body): void {
    const bytes = body.input.body.length;
    const byClient = this.#classes[CLASS_BYTES.findIndex((limit) => bytes <= limit)]!;
    const client = clientOf(body.input.address ?? null);
    const waiting = byClient.get(client);
    if (waiting === undefined) byClient.set(client, [body]);
    else waiting.push(body);
    this.#size += 1;
  }

  /** The body whose turn it is, without removing it; undefined where there is none. Without `large`, large ones wait. */
  peek(large: boolean): Body | undefined {
    return this.#next(large)?.[1][0];
  }

  /** Removes and returns what {@link peek} returns. */
  take(large: boolean): Body | undefined {
    const found = this.#next(large);
    if (found === null) return undefined;
    const [client, waiting, byClient] = found;
    const body = waiting.shift();
    // At the end of the map is the client whose turn was last.
    byClient.delete(client);
    if (waiting.length > 0) byClient.set(client, waiting);
    this.#size -= 1;
    this.#taken += 1;
    return body;
  }

  /** Removes and returns everything. */
  clear(): readonly Body[] {
    const all = this.#classes.flatMap((byClient) => [...byClient.values()].flat());
    for (const byClient of this.#classes) byClient.clear();
    this.#size = 0;
    return all;
  }

  #next(large: boolean): readonly [client: string, waiting: Body[], byClient: Map<string, Body[]>] | null {
    const allowed = large ? this.#classes : this.#classes.slice(0, -1);
    const ordered = this.#taken % TURN_OF_LARGEST === TURN_OF_LARGEST - 1 ? allowed.toReversed() : allowed;
    for (const byClient of ordered) {
      for (const [client, waiting] of byClient) return [client, waiting, byClient];
    }
    return null;
  }
}

/** An address, or the network of an IPv6 address: one client has all addresses of a /64. */
function clientOf(address: string | null): string {
  if (address === null || !address.includes(':')) return address ?? '';
  const [head = '', tail = ''] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === '' ? [] : tail.split(':');
  const missing = address.includes('::') ? 8 - groups.length - rest.length : 0;
  return [...groups, ...Array.from({ length: missing }, () => '0'), ...rest].slice(0, 4).join(':');
}
