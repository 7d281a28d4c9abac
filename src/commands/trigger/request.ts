import { parseHttpUrl } from '../../address/parse.js';
import { type Reach, reachOf } from '../../address/reach.js';
import { refusingOwner } from '../../address/services.js';
import { ToolError } from '../../errors.js';
import { type Json, parseJson } from '../../jws/json.js';
import type { ReasonCode } from '../../notification/reasons.js';
import { readAppAppleId } from '../../session/app.js';
import type { OpenSettings } from '../../settings/open.js';
import { resolveApp, resolveEnvironment } from '../../settings/resolve.js';
import type { AppEnvironment } from '../../simulator/payloads/app.js';
import type { Edits } from '../../simulator/payloads/edits.js';
import { eventKey } from '../../simulator/payloads/events.js';
import { parseEvent } from '../../simulator/scenarios/scenario.js';

/** What is asked for: one event or one scenario, of which app, changed how, how often. */
export interface TriggerRequest {
  readonly what: WhatToSend;
  readonly app: RequestedApp;
  readonly edits: Required<Edits>;
  readonly count: number;
}

export type WhatToSend =
  | { readonly kind: 'event'; readonly type: string; readonly subtype: string | null }
  | { readonly kind: 'forgery'; readonly type: string; readonly subtype: string | null; readonly reason: ReasonCode }
  | { readonly kind: 'scenario'; readonly name: string };

/** What is null is set nowhere, and becomes what the builders have for it. */
export interface RequestedApp {
  readonly environment: AppEnvironment;
  readonly bundleId: string | null;
  readonly appAppleId: number | null;
  readonly productId: string | null;
}

/** The flags an order is made from, as commander gives them. */
export interface TriggerRequestFlags {
  readonly event?: string;
  readonly scenario?: string;
  readonly forge?: ReasonCode;
  readonly productId?: string;
  readonly set?: readonly string[];
  readonly remove?: readonly string[];
  readonly count: number;
}

/** A forgery starts from an ordinary event that carries every kind of nested token but the rarest. */
const USUAL_FORGERY = 'DID_RENEW';

/**
 * The order that flags and settings amount to. Throws usage errors: `ERR_TRIGGER_WHAT` where type and scenario are given, or
 * neither; `ERR_TRIGGER_FORGE_SCENARIO`, `ERR_SIMULATOR_EVENT`, `ERR_USAGE_SET`, `ERR_SETTINGS_*`.
 */
export function parseTriggerRequest(flags: TriggerRequestFlags, open: OpenSettings): TriggerRequest {
  const app = resolveApp(open);
  return {
    what: readWhat(flags),
    app: {
      environment: resolveEnvironment(open)?.value === 'production' ? 'Production' : 'Sandbox',
      bundleId: app.bundleId?.value ?? null,
      appAppleId: readAppAppleId(app),
      productId: flags.productId ?? null,
    },
    edits: parseEdits(flags.set ?? [], flags.remove ?? []),
    count: flags.count,
  };
}

function readWhat({ event, scenario, forge }: TriggerRequestFlags): WhatToSend {
  if (scenario !== undefined) {
    if (event !== undefined) throw unclear('a type and --scenario do not go together', 'Leave one of them out.');
    if (forge !== undefined) throw forgedScenario(forge);
    return { kind: 'scenario', name: scenario };
  }
  const named = event ?? (forge === undefined ? undefined : USUAL_FORGERY);
  if (named === undefined) {
    throw unclear('it is not said what to send', 'Give a type or --scenario; storewire trigger lists them all.');
  }
  const { type, subtype } = parseEvent(named.toUpperCase());
  eventKey(type, subtype);
  return forge === undefined ? { kind: 'event', type, subtype } : { kind: 'forgery', type, subtype, reason: forge };
}

function unclear(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_TRIGGER_WHAT', message, { hint });
}

function forgedScenario(reason: ReasonCode): ToolError {
  return new ToolError('usage', 'ERR_TRIGGER_FORGE_SCENARIO', '--forge makes one notification, not a scenario', {
    hint: `Such as: storewire trigger ${USUAL_FORGERY} --forge ${reason} --to URL`,
  });
}

/**
 * `--set path=value` and `--remove path` as edits. A value that is JSON is that value (`7`, `true`, `null`, `"7"`, `{"a":1}`),
 * anything else is text. Throws `ERR_USAGE_SET` where there is no path or no equals sign.
 */
export function parseEdits(set: readonly string[], remove: readonly string[]): Required<Edits> {
  return { set: Object.fromEntries(set.map(parseAssignment)), remove };
}

function parseAssignment(text: string): readonly [string, Json] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), parseValue(text.slice(at + 1))];
  throw new ToolError('usage', 'ERR_USAGE_SET', `--set ${text} is not path=value`, {
    hint: 'Such as --set data.bundleId=com.example.app, --set transaction.price=4990 or --set \'data.status="1"\'.',
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

/** What is done with what was made. */
export type OutputMode =
  | { readonly kind: 'print' }
  | { readonly kind: 'to'; readonly destination: Destination }
  | { readonly kind: 'emulator'; readonly baseUrl: string };

export interface OutputModeFlags {
  readonly to?: string;
  readonly print: boolean;
  readonly viaEmulator?: string;
}

/** Exactly one of the three flags. Throws usage errors `ERR_TRIGGER_WHERE`, `ERR_TRIGGER_URL` and `ERR_TRIGGER_HOST`. */
export function parseOutputMode({ to, print, viaEmulator }: OutputModeFlags): OutputMode {
  const given = [print, to !== undefined, viaEmulator !== undefined].filter(Boolean).length;
  if (given !== 1) {
    const message = given === 0 ? 'it is not said where to' : '--to, --print and --via-emulator do not go together';
    throw new ToolError('usage', 'ERR_TRIGGER_WHERE', message, {
      hint: 'Give one of --to URL, --print and --via-emulator URL.',
    });
  }
  if (to !== undefined) return { kind: 'to', destination: parseDestination(to) };
  return viaEmulator === undefined ? { kind: 'print' } : { kind: 'emulator', baseUrl: viaEmulator };
}

/** Where made-up notifications go. */
export interface Destination {
  readonly url: URL;
  readonly reach: Reach;
}

/**
 * The value of `--to` as an address. Throws usage errors: `ERR_TRIGGER_URL` where it is not an http or https URL in full,
 * `ERR_TRIGGER_HOST` for hosts that nothing made up is ever sent to.
 */
export function parseDestination(text: string): Destination {
  const url = parseHttpUrl(text, '--to', 'ERR_TRIGGER_URL', 'For example: --to http://localhost:4280/');
  if (url.username !== '' || url.password !== '') {
    throw wrongUrl('--to has a user name in it, which Apple would not send', 'Leave it out.');
  }
  const owner = refusingOwner(url.hostname);
  if (owner !== null) throw refusal(url.hostname, owner);
  return { url, reach: reachOf(url.hostname) };
}

function wrongUrl(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_TRIGGER_URL', message, { hint });
}

function refusal(hostname: string, owner: string): ToolError {
  return new ToolError('usage', 'ERR_TRIGGER_HOST', `${hostname} is ${owner}'s: nothing made up is sent there`, {
    hint: 'It believes Apple alone. Have Apple send one instead: storewire test --wait',
  });
}
