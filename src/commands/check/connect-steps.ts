import { displayUrl } from '../../address/display.js';
import { isSameAddress } from '../../address/same.js';
import type { ConnectApp, NotificationUrls } from '../../connect-api/app.js';
import { effectiveUrl } from '../../connect-api/url-settings.js';
import { type CheckedStep, type StepOutcome, skipped } from '../../endpoint-check/step.js';
import type { ToolError } from '../../errors.js';
import type { SimilarBundleId } from '../../session/connect.js';
import type { Environment } from '../../settings/setting.js';
import { step, unanswered } from './model.js';

/** Result of the lookup in App Store Connect. */
export type ConnectLookup =
  | { readonly state: 'app'; readonly app: ConnectApp }
  | { readonly state: 'no-app'; readonly similar: SimilarBundleId | null }
  | { readonly state: 'not-queried'; readonly why: string }
  | { readonly state: 'failed'; readonly error: ToolError };

/** Values to compare with App Store Connect. */
export interface Expectations {
  /** URL under test; null if the URLs in App Store Connect are. */
  readonly url: string | null;
  /** Environments selected; null if none, in which case a match in either one is enough. */
  readonly environments: readonly Environment[] | null;
  readonly bundleId: string;
  readonly appAppleId: string | null;
}

const APP_TITLE = 'app in App Store Connect';

/** Steps: `app-store-connect.app`, then for each environment `.sandbox`, `.sandbox-version`, `.production`, `.production-version`. */
export function connectSteps(found: ConnectLookup, expected: Expectations): readonly CheckedStep[] {
  const id = 'app-store-connect.app';
  if (found.state === 'not-queried') return [step(id, APP_TITLE, skipped(found.why))];
  if (found.state === 'failed') return [unanswered(id, APP_TITLE, found.error)];
  if (found.state === 'no-app') return [step(id, APP_TITLE, noApp(expected.bundleId, found.similar))];
  const { app } = found;
  const environments = expected.environments ?? CHECKED_ENVIRONMENTS;
  return [
    step(id, APP_TITLE, judgeApp(app, expected)),
    ...environments.flatMap((environment) => environmentSteps(environment, app, expected)),
  ];
}

function noApp(bundleId: string, similar: SimilarBundleId | null): StepOutcome {
  const seen = `the key has access to no app with the bundle id ${bundleId}`;
  return {
    status: 'fail',
    seen: similar === null ? seen : `${seen}, but to ${similar.bundleId}: ${similar.difference}`,
    expected: 'the app',
    hint:
      similar === null
        ? 'Check the bundle id, and that the key belongs to the team of the app and has access to it.'
        : `Try --bundle-id ${similar.bundleId}`,
  };
}

function judgeApp({ id, name }: ConnectApp, { appAppleId }: Expectations): StepOutcome {
  const seen = `${name === '' ? 'unnamed app' : name}, app Apple ID ${id}`;
  if (appAppleId === null || appAppleId === id) return { status: 'pass', seen };
  const hint = 'Correct STOREWIRE_APP_APPLE_ID or the bundle id: they belong to different apps.';
  return { status: 'warn', seen, expected: `app Apple ID ${appAppleId} (configured)`, hint };
}

function environmentSteps(environment: Environment, app: ConnectApp, expected: Expectations): readonly CheckedStep[] {
  const destination = destinationInUse(app.urls, environment);
  const { url, version, isFallback } = destination;
  const own = step(
    `app-store-connect.${environment}`,
    `${environment} URL`,
    judgeUrl(environment, destination, app, expected),
  );
  if (url === null || isFallback) return [own];
  const isMatch = own.status === 'pass';
  return [
    own,
    step(
      `app-store-connect.${environment}-version`,
      `${environment} version`,
      judgeVersion(environment, version, isMatch),
    ),
  ];
}

function judgeUrl(
  environment: Environment,
  { url, isFallback }: Destination,
  { urls }: ConnectApp,
  expected: Expectations,
): StepOutcome {
  // Without --environment, a match in one environment is enough: the other may use a different URL.
  const destinations = CHECKED_ENVIRONMENTS.map((each) => destinationInUse(urls, each).url);
  const matchesAnywhere =
    expected.environments === null && destinations.some((each) => each !== null && isExpected(each, expected.url));
  const status = matchesAnywhere ? 'warn' : 'fail';
  if (url === null) {
    return {
      status,
      seen: 'not set',
      expected: expected.url === null ? 'a URL' : displayUrl(expected.url, 'report'),
      hint: `No ${environment} notifications are sent. Set a URL: storewire endpoint set --${environment} URL --version V2`,
    };
  }
  const shown = isFallback
    ? `${displayUrl(url, 'report')} (the production URL, as no sandbox URL is set)`
    : displayUrl(url, 'report');
  if (isExpected(url, expected.url)) return { status: 'pass', seen: shown };
  return {
    status,
    seen: isFallback ? shown : describeOther(url, expected.url ?? ''),
    expected: displayUrl(expected.url ?? '', 'report'),
    hint:
      status === 'warn'
        ? 'Check that URL as well, or select the environment of this one with --environment.'
        : `Notifications of ${environment} go there. Check that URL, or set this one: storewire endpoint set --${environment} URL`,
  };
}

function isExpected(url: string, expected: string | null): boolean {
  return expected === null || isSameAddress(url, expected);
}

/** Two URLs may differ only in the parts that are not displayed. */
function describeOther(url: string, expected: string): string {
  const shown = displayUrl(url, 'report');
  return shown === displayUrl(expected, 'report') ? `${shown}, which differs in a hidden part` : shown;
}

function judgeVersion(environment: Environment, version: string | null, isMatch: boolean): StepOutcome {
  if (version === 'V2') return { status: 'pass', seen: 'V2' };
  return {
    status: isMatch && version !== null ? 'fail' : 'warn',
    seen: version === null ? 'not set' : version,
    expected: 'V2',
    hint: `Set it: storewire endpoint set --${environment} URL --version V2. A TEST is always V2 and does not reveal this.`,
  };
}

/** Destination of the notifications of one environment; `url` is null if none is sent. */
interface Destination {
  readonly url: string | null;
  readonly version: string | null;
  /** No sandbox URL is set, so the production URL applies. */
  readonly isFallback: boolean;
}

export const CHECKED_ENVIRONMENTS: readonly Environment[] = ['sandbox', 'production'];

export function destinationInUse(urls: NotificationUrls, environment: Environment): Destination {
  const receiver = effectiveUrl(urls, environment);
  if (receiver === null) return { url: null, version: null, isFallback: false };
  return { url: receiver.url, version: receiver.version, isFallback: receiver.of !== environment };
}

/** URLs in use by these environments, without duplicates. */
export function urlsInUse(urls: NotificationUrls, environments: readonly Environment[]): readonly string[] {
  const all = environments.flatMap((environment) => destinationInUse(urls, environment).url ?? []);
  return all.filter((url, index) => all.findIndex((other) => isSameAddress(url, other)) === index);
}
