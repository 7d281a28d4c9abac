import type { JsonObject } from '../jws/json.js';
import { notChecked } from '../trust/finding.js';
import { explainDifference } from './bundle-id.js';
import { type CheckFinding, failed, memoizeChecks, passed } from './check.js';
import type { Kind } from './document.js';
import { appAppleIdOf, bundleIdOf, environmentOf, newerContainers } from './kind.js';
import type { OpenedToken } from './open.js';
import type { CheckId, ReasonCode } from './reasons.js';

type AppEnvironment = 'Sandbox' | 'Production';

/** Expected app of a payload; an omitted value is not compared. */
export interface AppExpectations {
  readonly bundleId?: string;
  /** Decimal digits. */
  readonly appAppleId?: string;
  /** One, or all that are accepted. */
  readonly environment?: AppEnvironment | readonly AppEnvironment[];
  /** Settings that the bundle id and the app Apple ID come from, in words: `profile default, user config`. Left out for a flag. */
  readonly from?: { readonly bundleId?: string; readonly appAppleId?: string };
}

/** Kinds that carry each value. Source: apple.md section 2.4. An unknown kind is compared if it has the value. */
const CARRIES_BUNDLE_ID: ReadonlySet<Kind> = new Set(['notification', 'transaction', 'appTransaction']);

const CARRIES_APP_APPLE_ID: ReadonlySet<Kind> = new Set(['notification', 'appTransaction', 'realtimeRequest']);

const CARRIES_ENVIRONMENT: ReadonlySet<Kind> = new Set([
  'notification',
  'transaction',
  'renewalInfo',
  'appTransaction',
  'realtimeRequest',
]);

/** Compares bundle id, app Apple ID and environment with the expected values. */
export function checkApp(token: OpenedToken, expected: AppExpectations): readonly (readonly [CheckId, CheckFinding])[] {
  const newer = token.payload === null || token.kind !== 'notification' ? [] : newerContainers(token.payload);
  if (newer.length > 1) return ambiguousApp(newer);
  return [
    ['app.bundleId', withContainer(checkBundleId(token, expected), newer[0])],
    ['app.appAppleId', checkAppAppleId(token, expected)],
    ['app.environment', checkEnvironment(token, expected.environment)],
  ];
}

/** Which of several objects names the app is a guess, and a guess can be made to come out right by adding one. */
function ambiguousApp(containers: readonly string[]): readonly (readonly [CheckId, CheckFinding])[] {
  const shown = containers.slice(0, MOST_SHOWN).map(shorten);
  const more = containers.length > shown.length ? `, and ${containers.length - shown.length} more` : '';
  return [
    ['app.bundleId', failed('AMBIGUOUS_APP', 'one object that names the app', `${shown.join(', ')}${more}`)],
    ['app.appAppleId', AMBIGUOUS],
    ['app.environment', AMBIGUOUS],
  ];
}

const AMBIGUOUS = memoizeChecks(notChecked('more than one object names an app'));

const MOST_SHOWN = 3;

const LONGEST_NAME = 60;

function shorten(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}

/** Says that Apple's libraries reject the payload because they do not know the object that names the app. Source: apple.md 2.4. */
function withContainer(finding: CheckFinding, newer: string | undefined): CheckFinding {
  if (newer === undefined) return finding;
  const remark = `the app is named in ${shorten(newer)}, which Apple's libraries do not know: they report INVALID_APP_IDENTIFIER`;
  return { ...finding, detail: finding.detail === undefined ? remark : `${finding.detail}; ${remark}` };
}

/** Start of the detail of `app.bundleId` where no app was given to compare with: Apple signs the payloads of every app. */
export const APP_NOT_CHECKED = 'App not checked: add --bundle-id';

function checkBundleId(
  { payload, kind }: OpenedToken,
  { bundleId: expected, appAppleId, from }: AppExpectations,
): CheckFinding {
  if (payload === null) return UNREAD;
  const found = bundleIdOf(payload, kind);
  if (expected === undefined && appAppleId === undefined && (found !== null || CARRIES_BUNDLE_ID.has(kind)))
    return { ok: null, ...(found === null ? {} : { found }), detail: APP_NOT_CHECKED };
  const finding = compare(
    found,
    expected,
    CARRIES_BUNDLE_ID.has(kind),
    'BUNDLE_ID_MISMATCH',
    'bundle id',
    '--bundle-id',
  );
  if (finding.ok !== false || expected === undefined) return finding;
  const detail = [found === null ? null : explainDifference(expected, found), sourceOf(expected, from?.bundleId)];
  return withDetail(finding, detail);
}

/** Name of the setting that an expected value comes from, for `detail`; null for a flag. */
function sourceOf(expected: string, source: string | undefined): string | null {
  return source === undefined ? null : `expected ${expected} (${source})`;
}

function withDetail(finding: CheckFinding, parts: readonly (string | null)[]): CheckFinding {
  const detail = parts.filter((part) => part !== null).join('; ');
  return detail === '' ? finding : { ...finding, detail };
}

/** Enforced in Production only: Apple documents it as absent in Sandbox, where genuine payloads often contain it. */
function checkAppAppleId(
  { payload, kind }: OpenedToken,
  { appAppleId: expected, from }: AppExpectations,
): CheckFinding {
  if (payload === null) return UNREAD;
  const found = appAppleIdOf(payload, kind);
  const finding = compare(
    found,
    expected,
    CARRIES_APP_APPLE_ID.has(kind),
    'APP_APPLE_ID_MISMATCH',
    'app Apple ID',
    '--app-apple-id',
  );
  if (finding.ok !== false || expected === undefined) return finding;
  if (environmentOf(payload, kind) === 'Production') return withDetail(finding, [sourceOf(expected, from?.appAppleId)]);
  return { ...informational(finding), found: found ?? 'none' };
}

/** Turns a failed finding into one that is shown but does not affect the verdict. */
function informational({ reason: _, ...finding }: CheckFinding): CheckFinding {
  return { ...finding, ok: null, detail: 'differs, but enforced in Production only' };
}

function checkEnvironment(
  { payload, kind }: OpenedToken,
  expected: string | readonly string[] | undefined,
): CheckFinding {
  if (payload === null) return UNREAD;
  const found = environmentOf(payload, kind);
  const accepted = typeof expected === 'object' ? expected : null;
  return compare(
    found,
    accepted === null ? (expected as string | undefined) : oneOf(accepted, found),
    CARRIES_ENVIRONMENT.has(kind),
    'ENVIRONMENT_MISMATCH',
    'environment',
    '--environment',
  );
}

/** The value found if it is accepted; otherwise all that are, in words: an empty list accepts none. */
function oneOf(accepted: readonly string[], found: string | null): string {
  if (found !== null && accepted.includes(found)) return found;
  return accepted.length === 0 ? 'none: the list is empty' : accepted.join(' or ');
}

function compare(
  found: string | null,
  expected: string | undefined,
  carries: boolean,
  reason: ReasonCode,
  name: string,
  flag: string,
): CheckFinding {
  if (!carries && found === null) return NOT_CARRIED[name] ?? notChecked(`this kind carries no ${name}`);
  if (expected === undefined)
    return { ok: null, ...(found === null ? {} : { found }), detail: `not compared: ${flag} was not given` };
  if (found === expected) return passed(found);
  return failed(reason, expected, found ?? `no ${name}`);
}

const UNREAD = memoizeChecks(notChecked('the payload could not be read'));

const NOT_CARRIED: Readonly<Record<string, CheckFinding>> = {
  'bundle id': memoizeChecks(notChecked('this kind carries no bundle id')),
  'app Apple ID': memoizeChecks(notChecked('this kind carries no app Apple ID')),
  environment: memoizeChecks(notChecked('this kind carries no environment')),
};

/** A nested token must have the same app and environment as the outer token, if both name them. */
export function checkNested(token: OpenedToken, outer: OpenedToken): CheckFinding {
  if (token.payload === null || outer.payload === null) return UNREAD;
  for (const [name, read] of COMPARED) {
    const [inner, around] = [read(token.payload, token.kind), read(outer.payload, outer.kind)];
    if (inner !== null && around !== null && inner !== around)
      return failed('NESTED_MISMATCH', `${name} ${around}`, `${name} ${inner}`);
  }
  return checkNestedAppAppleId(token.payload, token.kind, outer.payload, outer.kind);
}

/** Like {@link checkAppAppleId}: in Sandbox a difference is shown but not enforced. */
function checkNestedAppAppleId(payload: JsonObject, kind: Kind, outer: JsonObject, outerKind: Kind): CheckFinding {
  const [inner, around] = [appAppleIdOf(payload, kind), appAppleIdOf(outer, outerKind)];
  if (inner === null || around === null || inner === around) return MATCHES;
  const finding = failed('NESTED_MISMATCH', `app Apple ID ${around}`, `app Apple ID ${inner}`);
  const environments = [environmentOf(payload, kind), environmentOf(outer, outerKind)];
  return environments.includes('Production') ? finding : informational(finding);
}

const MATCHES = memoizeChecks(passed('same app and environment as the outer token'));

const COMPARED = [
  ['bundle id', bundleIdOf],
  ['environment', environmentOf],
] as const;
