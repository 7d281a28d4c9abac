import { inspect } from 'node:util';
import { describeAddress } from '../http/describe-address.js';

/**
 * Text that is never printed by accident: JSON.stringify, template strings and inspection show what {@link describeSecret}
 * says. Only {@link Secret.reveal} gives it.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return describeSecret(this.#text);
  }

  toJSON(): string {
    return describeSecret(this.#text);
  }

  [inspect.custom](): string {
    return describeSecret(this.#text);
  }
}

/** All that is shown of a secret: `set, 3 lines`, or `set, 40 characters` for one line. */
export function describeSecret(text: string): string {
  const lines = text.trimEnd().split('\n').length;
  return lines > 1 ? `set, ${lines} lines` : `set, ${text.length} ${text.length === 1 ? 'character' : 'characters'}`;
}

/**
 * A forwarding target as it may be shown: its name, of its address what {@link describeAddress} shows (those that RevenueCat and
 * Qonversion give are keys), its filters; what is none of these is not shown at all.
 */
export function describeTarget(target: string): string {
  const [first = '', ...filters] = target.trim().split(/\s+/);
  const name = /^[A-Za-z0-9._:-]+=/.exec(first)?.[0] ?? '';
  const address = first.slice(name.length);
  const shown = URL.canParse(address) ? describeAddress(new URL(address)) : describeSecret(address);
  return [`${name}${shown}`, ...filters.map((word) => (FILTER.test(word) ? word : describeSecret(word)))].join(' ');
}

const FILTER = /^(?:events|deliver|bundle-id)=/;
