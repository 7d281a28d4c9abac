import type { ConnectApp, NotificationUrls } from '../../connect-api/app.js';
import {
  environmentsOf,
  receiverOf,
  settingOf,
  URL_ENVIRONMENTS,
  type UrlEnvironment,
  type UrlPlan,
  type UrlSetting,
  type UrlSettings,
} from '../../connect-api/change.js';
import type { KeptChange } from '../../connect-api/kept.js';
import { checkNotificationUrl } from '../../connect-api/notification-url.js';
import { describeAddress } from '../../http/describe-address.js';
import { serviceOf } from '../../listener/forward/services.js';
import { escapeText, showText } from './escape.js';
import { toJsonLine } from './json.js';
import { joinParts, layRows, laySentence, type Row, type View } from './layout.js';
import { formatAge, formatMoment } from './moment.js';

/**
 * A notification URL as people are shown it. Those that RevenueCat and Qonversion give out are keys: of them the host, and whose it is.
 * All others are shown whole, as they are there to be compared and copied.
 */
export function showUrl(text: string): string {
  if (!URL.canParse(text)) return showText(text);
  const url = new URL(text);
  const service = serviceOf(url);
  return service === null ? escapeText(text) : `${escapeText(describeAddress(url))} (${service})`;
}

/** `Version 2`; empty where none is set. */
export function showVersion(version: string | null): string {
  return version === null ? '' : `Version ${escapeText(version.replace(/^V/, ''))}`;
}

/** A setting in a sentence: `https://example.com/apple, Version 2`, or `no URL`. */
export function showSetting({ url, version }: UrlSetting): string {
  if (url === null) return 'no URL';
  return [showUrl(url), showVersion(version)].filter((part) => part !== '').join(', ');
}

/** An app in a sentence or a title. */
export function showApp({ name, bundleId }: Pick<ConnectApp, 'name' | 'bundleId'>): string {
  return name === '' ? escapeText(bundleId) : `${showText(name)} (${escapeText(bundleId)})`;
}

/** What `endpoint show` shows: the settings, how App Store Connect reads them, what is wrong with them. */
export function describeEndpoint(app: ConnectApp, claims: readonly KeptChange[], view: View): string {
  const rows = URL_ENVIRONMENTS.map((environment) => settingRow(environment, settingOf(app.urls, environment)));
  return joinParts([
    [`${view.paint.bold(showApp(app))}  ${view.paint.dim(`app Apple ID ${escapeText(app.id)}`)}`],
    layRows(rows, uncut(view)),
    layMarked(adviseOn(app.urls), view),
    layMarked(
      claims.map((claim) => adviseOnClaim(claim, view.nowMs)),
      view,
    ),
  ]);
}

interface Advice {
  readonly level: 'note' | 'warn' | 'fail';
  /** Escaped. */
  readonly text: string;
  /** What to type. */
  readonly next?: string;
}

/** What follows from the settings, and what is wrong with them, in order of how much it matters. */
export function adviseOn(urls: NotificationUrls): readonly Advice[] {
  const advice = URL_ENVIRONMENTS.flatMap((environment) => [
    ...adviseOnReceiver(urls, environment),
    ...adviseOnSetting(environment, settingOf(urls, environment)),
  ]);
  const order = ['fail', 'warn', 'note'];
  return advice.toSorted((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}

function adviseOnReceiver(urls: NotificationUrls, environment: UrlEnvironment): readonly Advice[] {
  const receiver = receiverOf(urls, environment);
  if (receiver === null) {
    const what = environment === 'sandbox' ? 'Sandbox and TestFlight send' : 'Production sends';
    const next = `storewire endpoint set --${environment} URL`;
    return [{ level: 'warn', text: `${what} nothing: no URL is set.`, next }];
  }
  if (receiver.of === environment) return [];
  const text = 'Sandbox and TestFlight notifications go to the production URL, as no sandbox URL is set.';
  return [{ level: 'note', text }];
}

function adviseOnSetting(environment: UrlEnvironment, { url, version }: UrlSetting): readonly Advice[] {
  if (url === null) return [];
  const findings = checkNotificationUrl(url).map(
    ({ level, message }): Advice => ({ level, text: `The ${environment} URL: ${showText(message)}` }),
  );
  if (version === 'V2') return findings;
  const found = version === null ? 'no version' : showVersion(version);
  const text = `The ${environment} URL has ${found}; Version 2 is what can be verified.`;
  return [...findings, { level: 'warn', text, next: 'storewire endpoint set --version V2' }];
}

function adviseOnClaim({ atMs, after, before }: KeptChange, nowMs: number): Advice {
  const [environment = 'sandbox'] = environmentsOf(after);
  const old = before[environment];
  const what = `\`storewire listen --claim ${environment}\` has had the URL since ${formatMoment(atMs)} (${formatAge(atMs, nowMs)})`;
  const was = old === undefined ? '' : `; before it was ${showSetting(old)}`;
  const text = `${what}${was}. If it does not run any more, put it back:`;
  return { level: 'note', text, next: 'storewire endpoint restore' };
}

/** `dry-run`: what would be changed; `ask`: what is about to be; `done`: what was; `so`: nothing had to be. */
export type ChangeStage = 'dry-run' | 'ask' | 'done' | 'so';

const TITLES: Readonly<Record<ChangeStage, string>> = {
  'dry-run': 'Would be changed',
  ask: 'To be changed',
  done: 'Changed, and read back',
  so: 'Already so',
};

/** A change, each URL with what it takes the place of; for `so`, the settings as they are. `app` is as it is shown now. */
export function describeChange(app: ConnectApp, plan: UrlPlan, stage: ChangeStage, view: View): string {
  const changed = environmentsOf(plan.after);
  const rows =
    stage === 'so'
      ? URL_ENVIRONMENTS.map((environment) => settingRow(environment, settingOf(app.urls, environment)))
      : changed.flatMap((environment) => [
          settingRow(environment, plan.after[environment]!),
          { label: '', value: '', remark: `before: ${showSetting(plan.before[environment]!)}` },
        ]);
  const title = `${view.paint.bold(`${TITLES[stage]}:`)} ${showApp(app)}`;
  return joinParts([[title, ...layRows(rows, uncut(view))], layMarked(effectsOf(app, plan, stage), view)]);
}

/** What of the settings as they will be, or are, deserves a word. */
function effectsOf(app: ConnectApp, { attributes }: UrlPlan, stage: ChangeStage): readonly Advice[] {
  return adviseOn(stage === 'done' || stage === 'so' ? app.urls : { ...app.urls, ...attributes });
}

function settingRow(environment: UrlEnvironment, { url, version }: UrlSetting): Row {
  if (url === null) return { label: environment, value: 'not set', tone: 'quiet' };
  return { label: environment, value: showUrl(url), remark: showVersion(version) || null };
}

/** What is copied is never wrapped. */
function uncut(view: View): View {
  return { ...view, columns: Number.POSITIVE_INFINITY };
}

const MARKS: Readonly<Record<Advice['level'], string>> = { fail: '✗ ', warn: '! ', note: '' };

function layMarked(advice: readonly Advice[], view: View): readonly string[] {
  const colour = { fail: view.paint.red, warn: view.paint.yellow, note: view.paint.dim };
  return advice.flatMap(({ level, text, next }) => [
    ...laySentence(`${MARKS[level]}${text}`, view, true).map((line) => colour[level](line)),
    ...(next === undefined ? [] : [`  ${next}`]),
  ]);
}

/** The settings of one environment for programs, whole. `receiver`: where its notifications go. */
function settingToJson(urls: NotificationUrls, environment: UrlEnvironment): object {
  return { ...settingOf(urls, environment), receiver: receiverOf(urls, environment) };
}

function appToJson({ id, bundleId, name, urls }: ConnectApp): object {
  return {
    app: { appAppleId: id, bundleId, name },
    sandbox: settingToJson(urls, 'sandbox'),
    production: settingToJson(urls, 'production'),
  };
}

/** `{app: {appAppleId, bundleId, name}, sandbox: {url, version, receiver: {url, version, of}}, production, claims}`. */
export function endpointToJson(app: ConnectApp, claims: readonly KeptChange[]): string {
  const open = claims.map(({ atMs, before, after }) => ({ atMs, before, after }));
  return toJsonLine({ ...appToJson(app), claims: open });
}

/** The same, with `changed`, `dryRun`, and `before` and `after` of the environments that differ. */
export function changeToJson(app: ConnectApp, { before, after }: UrlPlan, stage: ChangeStage): string {
  const change: { before: UrlSettings; after: UrlSettings } = { before, after };
  return toJsonLine({ ...appToJson(app), changed: stage === 'done', dryRun: stage === 'dry-run', ...change });
}

/** For stderr, once something was changed: how to undo it, and what comes next. */
export function describeAfterwards(plan: UrlPlan, canBeUndone: boolean, view: View): string {
  const named = environmentsOf(plan.after).filter((environment) => plan.after[environment]?.url !== null);
  const rows = [
    ...named.map((environment) => ({
      label: `storewire test --environment ${environment} --wait`,
      value: 'asks for a notification there',
    })),
    ...(canBeUndone ? [{ label: 'storewire endpoint restore', value: 'puts back what was there before' }] : []),
  ];
  const lines = [view.paint.dim('Apple may need up to an hour to follow.'), ...layRows(rows, uncut(view))];
  return `\n${lines.map((line) => `${line}\n`).join('')}`;
}
