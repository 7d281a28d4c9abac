import { displayUrl } from '../address/display.js';
import { completeLocalUrl } from '../address/local-url.js';
import { reachOf } from '../address/reach.js';
import { checkServiceAddress, serviceOf } from '../address/services.js';
import { isValidUrl } from '../address/valid-url.js';
import { ToolError } from '../errors.js';
import { checkEvents, parseEvents } from '../notification/event-filter.js';
import type { ExecTarget, HttpTarget, TargetFilter } from './target.js';

interface ParseTargetOptions {
  /** From `-H`, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly insecure: boolean;
  /** Names of the other targets. */
  readonly taken: readonly string[];
}

const NAME = /^[A-Za-z0-9._:-]{1,40}$/;

const MAX_NAME = 40;

/** A name has no slash, so an `=` in the query does not match. */
const NAMED = /^([^/?#=]*)=(.*)$/s;

/**
 * Parses a target of `--forward-to` or of the `targets` of a settings file:
 * `[name=]URL[ events=TYPE[.SUBTYPE],…][ deliver=sandbox|production][ bundle-id=ID]`. The URL may leave out `http://localhost:`. The default name is that of the service, or host and
 * port, made unique. `headers` and `insecure` never apply to a known service. Throws (usage) `ERR_USAGE_TARGET_URL`,
 * `ERR_USAGE_TARGET_NAME`, `ERR_USAGE_TARGET_FILTER` and `ERR_USAGE_EVENTS`; no message contains any part of the URL, which may be a secret.
 */
export function parseTarget(text: string, { headers, insecure, taken }: ParseTargetOptions): HttpTarget {
  const [address = '', ...filters] = text.trim().split(/\s+/);
  const [, name, urlText] = NAMED.exec(address) ?? [null, null, address];
  const url = parseUrl(urlText!);
  const service = serviceOf(url);
  return {
    type: 'http',
    name: name === null ? uniqueName(service ?? url.host, taken) : checkName(name!, taken),
    url: url.href,
    shown: displayUrl(url, 'host'),
    service,
    filter: parseFilter(filters),
    headers: service === null ? headers : {},
    insecure: service === null && insecure,
  };
}

/** Warnings about a target, which is used nevertheless. They contain no part of its URL. */
export function checkTarget({ name, url, service, filter }: HttpTarget): readonly string[] {
  const address = new URL(url);
  const finding = service === null ? null : checkServiceAddress(service, address);
  const isUnencrypted = address.protocol === 'http:' && reachOf(address.hostname) === 'public';
  const hasCredentials = address.username !== '' || address.password !== '';
  return [
    ...(finding === null ? [] : [`${name}: ${finding}`]),
    ...(hasCredentials ? [`${name}: ${CREDENTIALS}`] : []),
    ...(isUnencrypted ? [`${name}: plain http sends customer data unencrypted over the internet; use https`] : []),
    ...checkEvents(filter.events ?? []).map((warning) => `${name}: ${warning}`),
  ];
}

const CREDENTIALS =
  "its URL contains a user and password; to keep them out of command lines and files, use -H 'Authorization: env:NAME'";

const NO_FILTER: TargetFilter = { events: null, environment: null, bundleId: null };

/** Builds the target of `--exec CMD`. The command line may contain secrets, so no part of it is displayed. */
export function buildExecTarget(command: string, taken: readonly string[], filter = NO_FILTER): ExecTarget {
  return { type: 'exec', name: uniqueName('exec', taken), command, shown: 'a program', filter };
}

function parseUrl(text: string): URL {
  const hint = 'For example: --forward-to http://localhost:3000/path, or name=https://host/path';
  if (text === '') throw invalidTarget('URL', 'a target has no URL', hint);
  const whole = completeLocalUrl(text);
  if (!isValidUrl(whole)) throw invalidTarget('URL', 'a target is not a valid URL', hint);
  const url = new URL(whole);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw invalidTarget('URL', 'the URL of a target must start with http:// or https://', hint);
  if (url.hash !== '') throw invalidTarget('URL', 'the URL of a target has a fragment (#…), which is never sent', hint);
  return url;
}

function checkName(name: string, taken: readonly string[]): string {
  if (!NAME.test(name)) {
    const message = `"${name.slice(0, MAX_NAME)}" is not a valid target name`;
    throw invalidTarget('NAME', message, 'Use up to 40 letters, digits and . _ : -');
  }
  if (taken.includes(name))
    throw invalidTarget(
      'NAME',
      `two targets are named "${name}"`,
      'Give each target its own name: the journal identifies targets by name.',
    );
  return name;
}

/** Unused name: `localhost:3000`, then `localhost:3000-2`. Characters that a name cannot have, as the brackets of IPv6, are removed. */
function uniqueName(preferred: string, taken: readonly string[]): string {
  const base = preferred.replace(/[^A-Za-z0-9._:-]/g, '').slice(0, MAX_NAME - 4);
  let name = base;
  for (let number = 2; taken.includes(name); number += 1) name = `${base}-${number}`;
  return name;
}

function parseFilter(words: readonly string[]): TargetFilter {
  const given = new Map<string, string>();
  for (const word of words) {
    const [key, value] = splitFilter(word);
    if (given.has(key))
      throw invalidTarget('FILTER', `${key}= is given twice`, 'Pass it once; events= takes several types.');
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

const FILTERS = 'Filters after the URL: events=TYPE,…, deliver=sandbox|production, bundle-id=ID';

function splitFilter(word: string): readonly [key: string, value: string] {
  const at = word.indexOf('=');
  const key = word.slice(0, Math.max(at, 0));
  const value = word.slice(at + 1);
  // Without `=` it may be part of a URL that was split, so it is not printed.
  if (key === '')
    throw invalidTarget('FILTER', 'the URL of a target is followed by something that is not a filter', FILTERS);
  if (key !== 'events' && key !== 'deliver' && key !== 'bundle-id')
    throw invalidTarget('FILTER', `unknown target filter "${key.slice(0, 20)}"`, FILTERS);
  if (value === '') throw invalidTarget('FILTER', `the target filter ${key}= has no value`, FILTERS);
  return [key, value];
}

/** Environment in Apple's spelling. */
function parseDeliver(text: string): 'Sandbox' | 'Production' {
  if (text.toLowerCase() === 'sandbox') return 'Sandbox';
  if (text.toLowerCase() === 'production') return 'Production';
  throw invalidTarget('FILTER', `deliver= must be sandbox or production, not "${text.slice(0, 20)}"`, FILTERS);
}

function invalidTarget(defect: 'URL' | 'NAME' | 'FILTER', message: string, hint: string): ToolError {
  return new ToolError('usage', `ERR_USAGE_TARGET_${defect}`, message, { hint });
}
