import type { NotificationUrls } from '../../connect-api/app.js';
import type { UrlBackup } from '../../connect-api/url-backup.js';
import { checkNotificationUrl } from '../../connect-api/url-rules.js';
import {
  effectiveUrl,
  environmentsOf,
  settingOf,
  URL_ENVIRONMENTS,
  type UrlEnvironment,
  type UrlSetting,
} from '../../connect-api/url-settings.js';
import { showSetting, showVersion } from '../../session/url-text.js';
import { escapeText } from '../../terminal/escape.js';
import { formatAge, formatMoment } from '../../terminal/format.js';
import { laySentence, type View } from '../../terminal/layout.js';

/** Something about settings that deserves a word. */
export interface Advice {
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
  const receiver = effectiveUrl(urls, environment);
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
    ({ level, message }): Advice => ({ level, text: `The ${environment} URL: ${escapeText(message)}` }),
  );
  if (version === 'V2') return findings;
  const found = version === null ? 'no version' : showVersion(version);
  const text = `The ${environment} URL has ${found}; Version 2 is what can be verified.`;
  return [...findings, { level: 'warn', text, next: 'storewire endpoint set --version V2' }];
}

/** A claim that is open: why the URL is what it is. */
export function adviseOnClaim({ atMs, after, before }: UrlBackup, nowMs: number): Advice {
  const [environment = 'sandbox'] = environmentsOf(after);
  const old = before[environment];
  const what = `\`storewire listen --claim ${environment}\` has had the URL since ${formatMoment(atMs)} (${formatAge(atMs, nowMs)})`;
  const was = old === undefined ? '' : `; before it was ${showSetting(old)}`;
  const text = `${what}${was}. If it does not run any more, put it back:`;
  return { level: 'note', text, next: 'storewire endpoint restore' };
}

const MARKS: Readonly<Record<Advice['level'], string>> = { fail: '✗ ', warn: '! ', note: '' };

/** Each piece of advice as lines, what to type below it and never wrapped. */
export function layAdvice(advice: readonly Advice[], view: View): readonly string[] {
  const colour = { fail: view.paint.red, warn: view.paint.yellow, note: view.paint.dim };
  return advice.flatMap(({ level, text, next }) => [
    ...laySentence(`${MARKS[level]}${text}`, view, true).map((line) => colour[level](line)),
    ...(next === undefined ? [] : [`  ${next}`]),
  ]);
}
