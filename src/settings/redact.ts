import { inspect } from 'node:util';
import { ownerOfAddress } from './base-address.js';

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
 * A forwarding target as it may be shown: the addresses that RevenueCat and Qonversion give are keys, so of every address only
 * scheme and host are shown, then `…` where there is more; of a loopback address the path too. `name=URL` keeps its name; what is no
 * address is not shown at all.
 */
export function describeTarget(target: string): string {
  const name = /^[A-Za-z0-9_.-]+=/.exec(target)?.[0] ?? '';
  const address = target.slice(name.length);
  if (!URL.canParse(address)) return `${name}${describeSecret(address)}`;
  const { protocol, host, pathname, search, hash } = new URL(address);
  const path = ownerOfAddress(address) === 'loopback' ? pathname : '/';
  return `${name}${protocol}//${host}${path}${path === pathname && search === '' && hash === '' ? '' : '…'}`;
}
