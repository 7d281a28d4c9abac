import { completeLocalUrl, isAddress } from '../../address/local-url.js';
import { parseHttpUrl } from '../../address/parse.js';
import { type Reach, reachOf } from '../../address/reach.js';
import { refusingOwner } from '../../address/services.js';
import { ToolError } from '../../errors.js';
import { type Json, parseJson } from '../../jws/json.js';
import { EVENTS } from '../../notification/catalogue/events.js';
import type { ForgeableReason } from '../../notification/reasons.js';
import { readAppAppleId } from '../../session/app.js';
import type { OpenSettings } from '../../settings/open.js';
import { resolveApp, resolveEnvironment } from '../../settings/resolve-app.js';
import { describeSource } from '../../settings/setting.js';
import type { AppEnvironment } from '../../simulator/payloads/app.js';
import type { Edits } from '../../simulator/payloads/edits.js';
import { eventKey } from '../../simulator/payloads/events.js';
import { parseEvent } from '../../simulator/scenarios/scenario.js';
import { SCENARIOS } from '../../simulator/scenarios/scenarios.js';

/** Notifications to generate: event, forgery or scenario, with app, edits and number of repetitions. */
export interface TriggerRequest {
  readonly selection: Selection;
  readonly app: RequestedApp;
  readonly edits: Required<Edits>;
  readonly count: number;
}

export type Selection =
  | { readonly kind: 'event'; readonly type: string; readonly subtype: string | null }
  | {
      readonly kind: 'forgery';
      readonly type: string;
      readonly subtype: string | null;
      readonly reason: ForgeableReason;
    }
  | { readonly kind: 'scenario'; readonly name: string };

/** App of the notifications. Null selects the builders' default. */
export interface RequestedApp {
  readonly environment: AppEnvironment;
  readonly bundleId: string | null;
  /** Source of the bundle id, in words; null without a bundle id. */
  readonly bundleIdSource: string | null;
  readonly appAppleId: number | null;
  readonly productId: string | null;
}

/** Flags of a request, as commander parses them. */
export interface TriggerRequestFlags {
  readonly event?: string;
  readonly scenario?: string;
  readonly forge?: ForgeableReason;
  readonly productId?: string;
  readonly set?: readonly string[];
  readonly remove?: readonly string[];
  readonly count: number;
}

/** Event of a forgery without a type: it has a transaction and renewal info. */
const DEFAULT_FORGED_TYPE = 'DID_RENEW';

/**
 * Builds the request from flags and settings. Throws usage errors: `ERR_TRIGGER_WHAT` for both type and scenario, or
 * neither; `ERR_TRIGGER_FORGE_SCENARIO`, `ERR_SIMULATOR_EVENT`, `ERR_USAGE_SET`, `ERR_SETTINGS_*`.
 */
export function parseTriggerRequest(flags: TriggerRequestFlags, open: OpenSettings): TriggerRequest {
  const app = resolveApp(open);
  return {
    selection: parseSelection(flags),
    app: {
      environment: resolveEnvironment(open)?.value === 'production' ? 'Production' : 'Sandbox',
      bundleId: app.bundleId?.value ?? null,
      bundleIdSource: app.bundleId ? describeSource(app.bundleId.source) : null,
      appAppleId: readAppAppleId(app),
      productId: flags.productId ?? null,
    },
    edits: parseEdits(flags.set ?? [], flags.remove ?? []),
    count: flags.count,
  };
}

function parseSelection({ event, scenario, forge }: TriggerRequestFlags): Selection {
  if (scenario !== undefined) {
    if (event !== undefined) throw selectionError('a type and --scenario cannot be combined', 'Omit one of them.');
    if (forge !== undefined) throw forgedScenario(forge);
    return { kind: 'scenario', name: scenario };
  }
  const named = event ?? (forge === undefined ? undefined : DEFAULT_FORGED_TYPE);
  if (named === undefined) {
    throw selectionError('nothing to send', 'Pass a type or --scenario. To list them: storewire trigger');
  }
  const { type, subtype } = parseEvent(named.toUpperCase());
  const isType = EVENTS.some((known) => known.type === type);
  if (!isType && SCENARIOS.some(({ name }) => name === named.toLowerCase())) {
    throw selectionError(`${named} is a scenario`, `Did you mean --scenario ${named.toLowerCase()}?`);
  }
  eventKey(type, subtype);
  return forge === undefined ? { kind: 'event', type, subtype } : { kind: 'forgery', type, subtype, reason: forge };
}

function selectionError(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_TRIGGER_WHAT', message, { hint });
}

function forgedScenario(reason: ForgeableReason): ToolError {
  return new ToolError('usage', 'ERR_TRIGGER_FORGE_SCENARIO', '--forge and --scenario cannot be combined', {
    hint: `For example: storewire trigger ${DEFAULT_FORGED_TYPE} --forge ${reason} --to URL`,
  });
}

/**
 * Parses `--set path=value` and `--remove path`. A value that is JSON (`7`, `true`, `null`, `"7"`, `{"a":1}`) is parsed,
 * any other is text. Throws `ERR_USAGE_SET` without a path or equals sign.
 */
export function parseEdits(set: readonly string[], remove: readonly string[]): Required<Edits> {
  return { set: Object.fromEntries(set.map(parseAssignment)), remove };
}

function parseAssignment(text: string): readonly [string, Json] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), parseValue(text.slice(at + 1))];
  throw new ToolError('usage', 'ERR_USAGE_SET', `--set ${text} is not path=value`, {
    hint: 'For example: --set data.bundleId=com.example.app or --set transaction.price=4990',
  });
}

function parseValue(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

/** Arguments of the command: `[type] [url]`. */
export interface TriggerArguments {
  readonly event?: string;
  readonly url?: string;
}

/**
 * Reads the arguments: `TYPE`, `TYPE URL`, or `URL` alone beside `--scenario` or `--forge`. `to` is the value of `--to`. Throws usage
 * errors: `ERR_TRIGGER_URL` for a second argument that is no address, `ERR_TRIGGER_WHERE` for a URL beside `--to`.
 */
export function readArguments(
  { event, url }: { readonly event: string | undefined; readonly url: string | undefined },
  to: string | undefined,
): { readonly event?: string; readonly to?: string } {
  const isUrlAlone = event !== undefined && url === undefined && isAddress(event);
  const address = isUrlAlone ? event : url;
  const named = event === undefined || isUrlAlone ? {} : { event };
  if (address === undefined) return to === undefined ? named : { ...named, to };
  if (!isAddress(address)) throw noAddress(address, event);
  if (to === undefined) return { ...named, to: address };
  throw new ToolError('usage', 'ERR_TRIGGER_WHERE', 'a URL and --to cannot be combined', { hint: 'Omit one of them.' });
}

function noAddress(text: string, event: string | undefined): ToolError {
  const pair = `${event}.${text}`.toUpperCase();
  const isSubtype = EVENTS.some(({ type, subtype }) => `${type}.${subtype}` === pair);
  return wrongUrl(
    'the second argument must be a URL',
    isSubtype ? `Did you mean ${pair}?` : 'For example: storewire trigger DID_RENEW http://localhost:4280/',
  );
}

/** Output of the notifications: stdout, an endpoint, or an emulator, the project's without a URL. */
export type OutputMode =
  | { readonly kind: 'print' }
  | { readonly kind: 'to'; readonly destination: Destination }
  | { readonly kind: 'emulator'; readonly baseUrl: string | null };

export interface OutputModeFlags {
  readonly to?: string;
  readonly print: boolean;
  /** True: the running emulator of the project. */
  readonly viaEmulator?: string | true;
}

/** One of the three flags; null for none. Throws usage errors `ERR_TRIGGER_WHERE`, `ERR_TRIGGER_URL` and `ERR_TRIGGER_HOST`. */
export function parseOutputMode({ to, print, viaEmulator }: OutputModeFlags): OutputMode | null {
  const given = [print, to !== undefined, viaEmulator !== undefined].filter(Boolean).length;
  if (given > 1) {
    throw new ToolError('usage', 'ERR_TRIGGER_WHERE', '--to, --print and --via-emulator cannot be combined', {
      hint: 'Pass one of --to URL, --print and --via-emulator.',
    });
  }
  if (to !== undefined) return { kind: 'to', destination: parseDestination(to) };
  if (viaEmulator !== undefined) return { kind: 'emulator', baseUrl: viaEmulator === true ? null : viaEmulator };
  return print ? { kind: 'print' } : null;
}

/** Endpoint of synthetic notifications. */
export interface Destination {
  readonly url: URL;
  readonly reach: Reach;
}

/**
 * Parses `--to`. Throws usage errors: `ERR_TRIGGER_URL` unless it is a full http or https URL or the shorthand of a local one, `ERR_TRIGGER_HOST` for hosts
 * that accept notifications from Apple only.
 */
export function parseDestination(text: string): Destination {
  const url = parseHttpUrl(
    completeLocalUrl(text),
    '--to',
    'ERR_TRIGGER_URL',
    'For example: --to http://localhost:4280/',
  );
  if (url.username !== '' || url.password !== '') {
    throw wrongUrl('--to contains a user name, which Apple would not send', 'Remove it.');
  }
  const owner = refusingOwner(url.hostname);
  if (owner !== null) throw refusal(url.hostname, owner);
  return { url, reach: reachOf(url.hostname) };
}

function wrongUrl(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_TRIGGER_URL', message, { hint });
}

function refusal(hostname: string, owner: string): ToolError {
  return new ToolError(
    'usage',
    'ERR_TRIGGER_HOST',
    `synthetic notifications are never sent to ${hostname} (${owner})`,
    {
      hint: 'It accepts notifications from Apple only. To request one: storewire test --wait',
    },
  );
}
