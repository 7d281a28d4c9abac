import { displayUrl } from '../../address/display.js';
import { isSameAddress } from '../../address/same.js';
import type { ConnectApp, NotificationUrls } from '../../connect-api/app.js';
import { effectiveUrl } from '../../connect-api/url-settings.js';
import { type CheckedStep, type StepOutcome, skipped } from '../../endpoint-check/step.js';
import type { ToolError } from '../../errors.js';
import type { Environment } from '../../settings/setting.js';
import { step, unanswered } from './model.js';

/** What App Store Connect said. */
export type ConnectFound =
  | { readonly state: 'app'; readonly app: ConnectApp }
  | { readonly state: 'no-app' }
  | { readonly state: 'not-asked'; readonly why: string }
  | { readonly state: 'failed'; readonly error: ToolError };

/** What is compared with it. */
export interface Compared {
  /** The URL given; null where App Store Connect's own are looked at. */
  readonly url: string | null;
  /** The environments named; null where none was, so that one of the two is enough. */
  readonly environments: readonly Environment[] | null;
  readonly bundleId: string;
  readonly appAppleId: string | null;
}

const APP_TITLE = 'the app in App Store Connect';

/** Steps: `app-store-connect.app`, then for each environment `.sandbox`, `.sandbox-version`, `.production`, `.production-version`. */
export function connectSteps(found: ConnectFound, compared: Compared): readonly CheckedStep[] {
  const id = 'app-store-connect.app';
  if (found.state === 'not-asked') return [step(id, APP_TITLE, skipped(found.why))];
  if (found.state === 'failed') return [unanswered(id, APP_TITLE, found.error)];
  if (found.state === 'no-app') return [step(id, APP_TITLE, noApp(compared.bundleId))];
  const { app } = found;
  const environments = compared.environments ?? ENVIRONMENTS;
  return [
    step(id, APP_TITLE, judgeApp(app, compared)),
    ...environments.flatMap((environment) => environmentSteps(environment, app, compared)),
  ];
}

function noApp(bundleId: string): StepOutcome {
  return {
    status: 'fail',
    seen: `the key sees no app with the bundle id ${bundleId}`,
    expected: 'the app',
    hint: 'Check the spelling of the bundle id, and that the key belongs to the team of the app and may see it.',
  };
}

function judgeApp({ id, name }: ConnectApp, { appAppleId }: Compared): StepOutcome {
  const seen = `${name === '' ? 'an app without a name' : name}, app Apple ID ${id}`;
  if (appAppleId === null || appAppleId === id) return { status: 'pass', seen };
  const hint = 'Correct STOREWIRE_APP_APPLE_ID, or the bundle id: they are of two apps.';
  return { status: 'warn', seen, expected: `app Apple ID ${appAppleId}, as set here`, hint };
}

function environmentSteps(environment: Environment, app: ConnectApp, compared: Compared): readonly CheckedStep[] {
  const destination = destinationOf(app.urls, environment);
  const { url, version, isBorrowed } = destination;
  const own = step(
    `app-store-connect.${environment}`,
    `${environment} URL`,
    judgeUrl(environment, destination, app, compared),
  );
  if (url === null || isBorrowed) return [own];
  const isOfUs = own.status === 'pass';
  return [
    own,
    step(
      `app-store-connect.${environment}-version`,
      `${environment} version`,
      judgeVersion(environment, version, isOfUs),
    ),
  ];
}

function judgeUrl(
  environment: Environment,
  { url, isBorrowed }: Destination,
  { urls }: ConnectApp,
  compared: Compared,
): StepOutcome {
  // Without an environment named, a URL may well be that of one of the two alone.
  const uses = ENVIRONMENTS.map((each) => destinationOf(urls, each).url);
  const isElsewhereFine =
    compared.environments === null && uses.some((use) => use !== null && isExpected(use, compared.url));
  const status = isElsewhereFine ? 'warn' : 'fail';
  if (url === null) {
    return {
      status,
      seen: 'no URL is set',
      expected: compared.url === null ? 'a URL' : displayUrl(compared.url, 'report'),
      hint: `Apple sends nothing of ${environment}. Set one: storewire endpoint set --${environment} URL --version V2`,
    };
  }
  const shown = isBorrowed
    ? `${displayUrl(url, 'report')}, which is production's: the sandbox has none of its own`
    : displayUrl(url, 'report');
  if (isExpected(url, compared.url)) return { status: 'pass', seen: shown };
  return {
    status,
    seen: isBorrowed ? shown : describeOther(url, compared.url ?? ''),
    expected: displayUrl(compared.url ?? '', 'report'),
    hint:
      status === 'warn'
        ? `Check that URL, too; or name the environment that this one is for (--environment).`
        : `Apple sends what happens in ${environment} there. Check that URL, or set this one: storewire endpoint set --${environment} URL`,
  };
}

function isExpected(url: string, wanted: string | null): boolean {
  return wanted === null || isSameAddress(url, wanted);
}

/** Two that look alike in what is shown differ in what is not. */
function describeOther(url: string, wanted: string): string {
  const shown = displayUrl(url, 'report');
  return shown === displayUrl(wanted, 'report') ? `${shown}, but not the same: what is not shown here differs` : shown;
}

function judgeVersion(environment: Environment, version: string | null, isOfUs: boolean): StepOutcome {
  if (version === 'V2') return { status: 'pass', seen: 'V2' };
  return {
    status: isOfUs && version !== null ? 'fail' : 'warn',
    seen: version === null ? 'none is chosen' : version,
    expected: 'V2',
    hint: `Choose it: storewire endpoint set --${environment} URL --version V2. A TEST is always V2, so it does not show this.`,
  };
}

/** Where Apple sends what happens in one environment, by what App Store Connect has; `url` null: nowhere. */
interface Destination {
  readonly url: string | null;
  readonly version: string | null;
  /** The sandbox has no URL of its own, so that of production counts. */
  readonly isBorrowed: boolean;
}

export const ENVIRONMENTS: readonly Environment[] = ['sandbox', 'production'];

export function destinationOf(urls: NotificationUrls, environment: Environment): Destination {
  const receiver = effectiveUrl(urls, environment);
  if (receiver === null) return { url: null, version: null, isBorrowed: false };
  return { url: receiver.url, version: receiver.version, isBorrowed: receiver.of !== environment };
}

/** The URLs that Apple sends these environments to, each once. */
export function urlsInUse(urls: NotificationUrls, environments: readonly Environment[]): readonly string[] {
  const all = environments.flatMap((environment) => destinationOf(urls, environment).url ?? []);
  return all.filter((url, index) => all.findIndex((other) => isSameAddress(url, other)) === index);
}
