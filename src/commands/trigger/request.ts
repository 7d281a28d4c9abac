import { ToolError } from '../../errors.js';
import { readAppAppleId } from '../../session/app.js';
import type { OpenSettings } from '../../settings/open.js';
import { resolveApp, resolveEnvironment } from '../../settings/resolve-app.js';
import { describeSource } from '../../settings/setting.js';
import type { AppEnvironment } from '../../simulator/payloads/app.js';
import { OTHER_EVENTS } from '../../simulator/payloads/events.js';
import { parseFieldText } from '../../simulator/payloads/field-values.js';
import type { GivenEdits, GivenValue } from '../../simulator/payloads/typed-edits.js';
import { type GivenSelection, parseTriggerSelection, type TriggerSelectionFlags } from './selection.js';

/** Notifications to generate, as the flags and settings say: what, of which app, with which ids and edits, how often. */
export interface TriggerPlan {
  readonly selection: GivenSelection;
  readonly app: RequestedApp;
  readonly ties: Ties;
  readonly edits: GivenEdits;
  readonly count: number;
}

/** App of the notifications. Null selects the builders' default, or that of the original. */
export interface RequestedApp {
  readonly environment: AppEnvironment;
  readonly bundleId: string | null;
  /** Source of the bundle id, in words; null without a bundle id. */
  readonly bundleIdSource: string | null;
  readonly appAppleId: number | null;
  readonly productId: string | null;
}

/** Ids that several runs share; null for new ones. */
export interface Ties {
  readonly originalTransactionId: string | null;
  readonly appAccountToken: string | null;
  /** The same seed gives the same ids. */
  readonly seed: number | null;
}

/** Flags of a request, as commander parses them. */
export interface TriggerRequestFlags extends TriggerSelectionFlags {
  readonly productId?: string;
  readonly originalTransactionId?: string;
  readonly appAccountToken?: string;
  readonly seed?: number;
  readonly set?: readonly string[];
  readonly remove?: readonly string[];
}

/**
 * Builds the plan from flags and settings; reads no file but theirs. Throws usage errors: those of {@link parseTriggerSelection},
 * `ERR_TRIGGER_TIE`, `ERR_USAGE_SET`, `ERR_SIMULATOR_VALUE`, `ERR_SETTINGS_*`.
 */
export function parseTriggerRequest(flags: TriggerRequestFlags, open: OpenSettings, nowMs: number): TriggerPlan {
  const app = resolveApp(open);
  const selection = parseTriggerSelection(flags);
  return {
    selection,
    app: {
      environment: resolveEnvironment(open)?.value === 'production' ? 'Production' : 'Sandbox',
      bundleId: app.bundleId?.value ?? null,
      bundleIdSource: app.bundleId ? describeSource(app.bundleId.source) : null,
      appAppleId: readAppAppleId(app),
      productId: flags.productId ?? null,
    },
    ties: parseTies(flags, selection),
    edits: parseEdits(flags.set ?? [], flags.remove ?? [], { atMs: nowMs, isForged: selection.kind === 'forgery' }),
    count: flags.count,
  };
}

const TRANSACTION_ID = /^\d{1,20}$/;

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

function parseTies(flags: TriggerRequestFlags, selection: GivenSelection): Ties {
  const { originalTransactionId = null, appAccountToken = null, seed = null } = flags;
  if (originalTransactionId !== null && !TRANSACTION_ID.test(originalTransactionId)) {
    throw tieError(
      '--original-transaction-id is not a transaction id',
      'Ids are digits, for example 2000000123456789.',
    );
  }
  if (appAccountToken !== null && !UUID.test(appAccountToken)) {
    throw tieError(
      '--app-account-token is not a UUID',
      'StoreKit takes UUIDs alone, for example 7f3c1f52-2b61-4d0e-9a3b-5d2f0c8e1a77.',
    );
  }
  const given = originalTransactionId === null ? '--app-account-token' : '--original-transaction-id';
  const isOther = selection.kind === 'event' && eventName(selection) in OTHER_EVENTS;
  if (isOther && (originalTransactionId !== null || appAccountToken !== null)) {
    throw tieError(`${eventName(selection)} has no purchase that ${given} could belong to`, `Omit ${given}.`);
  }
  return { originalTransactionId, appAccountToken, seed };
}

export function eventName({ type, subtype }: { readonly type: string; readonly subtype: string | null }): string {
  return subtype === null ? type : `${type}.${subtype}`;
}

function tieError(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_TRIGGER_TIE', message, { hint });
}

/**
 * Parses `--set path=value` and `--remove path`. The values are converted to the types of their fields when a notification is built: dates
 * may be relative to its time. Throws (usage) `ERR_USAGE_SET` without a path or equals sign, and `ERR_SIMULATOR_VALUE`.
 */
export function parseEdits(
  set: readonly string[],
  remove: readonly string[],
  context: { readonly atMs: number; readonly isForged: boolean },
): GivenEdits {
  const values = set.map(parseAssignment);
  for (const { path, text } of values) parseFieldText(path, text, context);
  return { set: values, remove };
}

function parseAssignment(text: string): Extract<GivenValue, { text: string }> {
  const at = text.indexOf('=');
  if (at > 0) return { path: text.slice(0, at), text: text.slice(at + 1) };
  throw new ToolError('usage', 'ERR_USAGE_SET', `--set ${text} is not path=value`, {
    hint: 'For example: --set data.bundleId=com.example.app or --set transaction.price=4990',
  });
}
