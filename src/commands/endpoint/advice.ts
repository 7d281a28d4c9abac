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

/** A remark about the settings. */
export interface Advice {
  readonly level: 'note' | 'warn' | 'fail';
  /** Escaped. */
  readonly text: string;
  /** Command to run. */
  readonly next?: string;
}

/** Remarks about the effective URLs and their problems, most severe first. */
export function adviseOnChange(urls: NotificationUrls): readonly Advice[] {
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
    const what = environment === 'sandbox' ? 'sandbox or TestFlight' : 'production';
    const next = `storewire endpoint set --${environment} URL`;
    return [{ level: 'warn', text: `No ${what} notifications are sent: no URL is set.`, next }];
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
  const text = `The ${environment} URL has ${found}; only Version 2 can be verified.`;
  return [...findings, { level: 'warn', text, next: 'storewire endpoint set --version V2' }];
}

/** Remark about an open claim, which explains the current URL. */
export function adviseOnClaim({ atMs, after, before }: UrlBackup, nowMs: number): Advice {
  const [environment = 'sandbox'] = environmentsOf(after);
  const old = before[environment];
  const what = `\`storewire listen --claim ${environment}\` has used the URL since ${formatMoment(atMs)} (${formatAge(atMs, nowMs)})`;
  const was = old === undefined ? '' : `; the previous URL was ${showSetting(old)}`;
  const text = `${what}${was}. If it is no longer running, restore it:`;
  return { level: 'note', text, next: 'storewire endpoint restore' };
}

const MARKS: Readonly<Record<Advice['level'], string>> = { fail: '✗ ', warn: '! ', note: '' };

/** Lays out remarks, with the command below each, never wrapped. */
export function layAdvice(advice: readonly Advice[], view: View): readonly string[] {
  const colour = { fail: view.paint.red, warn: view.paint.yellow, note: view.paint.dim };
  return advice.flatMap(({ level, text, next }) => [
    ...laySentence(`${MARKS[level]}${text}`, view, true).map((line) => colour[level](line)),
    ...(next === undefined ? [] : [`  ${next}`]),
  ]);
}
