import { displayUrl } from '../address/display.js';
import { reachOf } from '../address/reach.js';
import { checkServiceAddress, serviceOf } from '../address/services.js';
import { ToolError } from '../errors.js';
import { checkEvents, parseEvents } from '../notification/event-filter.js';
import type { ExecTarget, HttpTarget, TargetFilter } from './target.js';

interface ParseTargetOptions {
  /** The user's own (`-H`); lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly insecure: boolean;
  /** Names that other targets have. */
  readonly taken: readonly string[];
}

const NAME = /^[A-Za-z0-9._:-]{1,40}$/;

const LONGEST_NAME = 40;

/** A name holds no slash, so an `=` in a query is none of ours. */
const NAMED = /^([^/?#=]*)=(.*)$/s;

/**
 * `[name=]URL[ events=TYPE[.SUBTYPE],…][ deliver=sandbox|production][ bundle-id=ID]`: what `--forward-to` and the `targets` of a file
 * take. Without a name it is that of the service, or host and port, and made unique. The user's headers and `insecure` are never for a
 * service. Throws (usage) `ERR_USAGE_TARGET_URL`, `ERR_USAGE_TARGET_NAME`, `ERR_USAGE_TARGET_FILTER` and `ERR_USAGE_EVENTS`; nothing
 * of an address is in any message.
 */
export function parseTarget(text: string, { headers, insecure, taken }: ParseTargetOptions): HttpTarget {
  const [address = '', ...filters] = text.trim().split(/\s+/);
  const [, name, rest] = NAMED.exec(address) ?? [null, null, address];
  const url = parseAddress(rest!);
  const service = serviceOf(url);
  return {
    type: 'http',
    name: name === null ? freeName(service ?? url.host, taken) : checkName(name!, taken),
    url: url.href,
    shown: displayUrl(url, 'host'),
    service,
    filter: parseFilter(filters),
    headers: service === null ? headers : {},
    insecure: service === null && insecure,
  };
}

/** What is odd about a target, in words for warnings that show nothing of its address: it is used as it stands. */
export function checkTarget({ name, url, service, filter }: HttpTarget): readonly string[] {
  const address = new URL(url);
  const found = service === null ? null : checkServiceAddress(service, address);
  const isOpen = address.protocol === 'http:' && reachOf(address.hostname) === 'public';
  return [
    ...(found === null ? [] : [`${name}: ${found}`]),
    ...(isOpen ? [`${name}: plain http carries customer data unencrypted through the internet: write https`] : []),
    ...checkEvents(filter.events ?? []).map((warning) => `${name}: ${warning}`),
  ];
}

const NO_FILTER: TargetFilter = { events: null, environment: null, bundleId: null };

/** The target of `--exec CMD`. A command line may hold a secret in any of its words: nothing of it is shown. */
export function buildExecTarget(command: string, taken: readonly string[], filter = NO_FILTER): ExecTarget {
  return { type: 'exec', name: freeName('exec', taken), command, shown: 'a program', filter };
}

function parseAddress(text: string): URL {
  const hint = 'Write --forward-to http://localhost:3000/path, or name=https://host/path.';
  if (text === '') throw refusal('URL', 'a target has no address', hint);
  if (LOCAL.test(text)) throw refusal('URL', 'the address of a target has no http://', `Write http://${text}`);
  if (!URL.canParse(text)) throw refusal('URL', 'the address of a target is no URL', hint);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw refusal('URL', 'the address of a target must start with http:// or https://', hint);
  if (url.hash !== '') throw refusal('URL', 'the address of a target has a fragment (#…), which is never sent', hint);
  return url;
}

/** An address of this machine without its scheme: what is forgotten most, and no secret. */
const LOCAL = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:\/[\w./-]*)?$/;

function checkName(name: string, taken: readonly string[]): string {
  if (!NAME.test(name)) {
    const message = `"${name.slice(0, LONGEST_NAME)}" cannot name a target`;
    throw refusal('NAME', message, 'Use up to 40 letters, digits and . _ : - for a name.');
  }
  if (taken.includes(name))
    throw refusal('NAME', `two targets are named "${name}"`, 'Give each its own: the journal tells them apart by it.');
  return name;
}

/** `localhost:3000`, then `localhost:3000-2`; what a name cannot hold, such as the brackets of IPv6, is left out. */
function freeName(wish: string, taken: readonly string[]): string {
  const plain = wish.replace(/[^A-Za-z0-9._:-]/g, '').slice(0, LONGEST_NAME - 4);
  let name = plain;
  for (let number = 2; taken.includes(name); number += 1) name = `${plain}-${number}`;
  return name;
}

function parseFilter(words: readonly string[]): TargetFilter {
  const given = new Map<string, string>();
  for (const word of words) {
    const [key, value] = splitFilter(word);
    if (given.has(key)) throw refusal('FILTER', `${key}= is there twice`, 'Give it once: events= takes several types.');
    given.set(key, value);
  }
  const events = given.get('events');
  const deliver = given.get('deliver');
  return {
    events: events === undefined ? null : parseEvents(events),
    environment: deliver === undefined ? null : parseDeliver(deliver),
    bundleId: given.get('bundle-id') ?? null,
  };
}

const FILTERS = 'After the URL a target takes events=TYPE,…, deliver=sandbox|production and bundle-id=ID.';

function splitFilter(word: string): readonly [key: string, value: string] {
  const at = word.indexOf('=');
  const key = word.slice(0, Math.max(at, 0));
  const value = word.slice(at + 1);
  // Without `=` it may be a piece of an address that was broken in two: not shown.
  if (key === '') throw refusal('FILTER', 'after the URL of a target stands something that is no filter', FILTERS);
  if (key !== 'events' && key !== 'deliver' && key !== 'bundle-id')
    throw refusal('FILTER', `a target has no filter "${key.slice(0, 20)}"`, FILTERS);
  if (value === '') throw refusal('FILTER', `${key}= of a target has no value`, FILTERS);
  return [key, value];
}

/** As Apple spells it. */
function parseDeliver(text: string): 'Sandbox' | 'Production' {
  if (text.toLowerCase() === 'sandbox') return 'Sandbox';
  if (text.toLowerCase() === 'production') return 'Production';
  throw refusal('FILTER', `deliver= is sandbox or production, not "${text.slice(0, 20)}"`, FILTERS);
}

function refusal(defect: 'URL' | 'NAME' | 'FILTER', message: string, hint: string): ToolError {
  return new ToolError('usage', `ERR_USAGE_TARGET_${defect}`, message, { hint });
}
