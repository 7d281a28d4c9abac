import { ToolError } from '../../errors.js';
import type { ReasonCode } from '../../notification/reasons.js';
import type { OpenSettings } from '../../settings/open.js';
import { resolveApp, resolveEnvironment } from '../../settings/resolve.js';
import type { AppEnvironment } from '../../simulator/payloads/app.js';
import type { Edits } from '../../simulator/payloads/edit-notification.js';
import { eventKey } from '../../simulator/payloads/events.js';
import { parseEvent } from '../../simulator/scenarios/story.js';
import { parseEdits } from './edits.js';

/** What is asked for: one event or one scenario, of which app, changed how, how often. */
export interface Order {
  readonly what: WhatToSend;
  readonly app: OrderedApp;
  readonly edits: Required<Edits>;
  readonly count: number;
}

export type WhatToSend =
  | { readonly kind: 'event'; readonly type: string; readonly subtype: string | null }
  | { readonly kind: 'forgery'; readonly type: string; readonly subtype: string | null; readonly reason: ReasonCode }
  | { readonly kind: 'scenario'; readonly name: string };

/** What is null is set nowhere, and becomes what the builders have for it. */
export interface OrderedApp {
  readonly environment: AppEnvironment;
  readonly bundleId: string | null;
  readonly appAppleId: number | null;
  readonly productId: string | null;
}

/** The flags an order is made from, as commander gives them. */
export interface OrderFlags {
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
 * neither; `ERR_TRIGGER_FORGE_SCENARIO`, `ERR_SIMULATOR_EVENT`, `ERR_TRIGGER_APP_APPLE_ID`, `ERR_USAGE_SET`, `ERR_SETTINGS_*`.
 */
export function readOrder(flags: OrderFlags, open: OpenSettings): Order {
  const { bundleId, appAppleId } = resolveApp(open);
  return {
    what: readWhat(flags),
    app: {
      environment: resolveEnvironment(open)?.value === 'production' ? 'Production' : 'Sandbox',
      bundleId: bundleId?.value ?? null,
      appAppleId: appAppleId === null ? null : readAppAppleId(appAppleId.value),
      productId: flags.productId ?? null,
    },
    edits: parseEdits(flags.set ?? [], flags.remove ?? []),
    count: flags.count,
  };
}

function readWhat({ event, scenario, forge }: OrderFlags): WhatToSend {
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

/** Payloads hold it as a number; one that a double cannot hold is no app's. */
function readAppAppleId(text: string): number {
  const id = Number(text);
  if (Number.isSafeInteger(id)) return id;
  throw new ToolError('usage', 'ERR_TRIGGER_APP_APPLE_ID', `${text} is too large for an app Apple ID`);
}

function unclear(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_TRIGGER_WHAT', message, { hint });
}

function forgedScenario(reason: ReasonCode): ToolError {
  return new ToolError('usage', 'ERR_TRIGGER_FORGE_SCENARIO', '--forge makes one notification, not a scenario', {
    hint: `Such as: storewire trigger ${USUAL_FORGERY} --forge ${reason} --to URL`,
  });
}
