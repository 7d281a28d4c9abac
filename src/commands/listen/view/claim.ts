import type { ConnectApp } from '../../../connect-api/app.js';
import type { UrlBackup } from '../../../connect-api/url-backup.js';
import type { UrlSetting } from '../../../connect-api/url-settings.js';
import type { ToolError } from '../../../errors.js';
import { showApp, showNotificationUrl, showSetting } from '../../../session/url-text.js';
import { formatAge, formatMoment } from '../../../terminal/format.js';
import { toJsonLine } from '../../../terminal/json.js';
import { layRows, type Row, type View } from '../../../terminal/layout.js';

/** What `--claim sandbox` is about to do. */
export interface ClaimView {
  readonly app: ConnectApp;
  /** What the sandbox setting says. */
  readonly old: UrlSetting;
  /** Where sandbox notifications go now, if anywhere: the production URL where the sandbox has none. */
  readonly receiver: { readonly url: string; readonly of: string } | null;
  /** Null where a tunnel will tell. */
  readonly url: string | null;
}

/** What is diverted, from where, for how long: before anything is changed. */
export function describeClaim({ app, old, receiver, url }: ClaimView, view: View): string {
  const rows: readonly Row[] = [
    { label: 'to', value: url === null ? 'the URL of the tunnel' : showNotificationUrl(url) },
    { label: 'instead of', ...describeOld(old, receiver) },
    { label: 'diverts', value: 'all sandbox and TestFlight notifications of this app, of everyone who tests it' },
    { label: '', value: 'Apple sends each of them once: what is not taken here is lost', tone: 'quiet' },
    { label: 'until', value: describeEnd(old) },
    { label: '', value: 'Apple may need up to an hour to follow, either way', tone: 'quiet' },
  ];
  return `${[`${view.paint.bold('Claiming the sandbox of')} ${showApp(app)}`, ...layRows(rows, view)].join('\n')}\n`;
}

function describeOld(old: UrlSetting, receiver: ClaimView['receiver']): Pick<Row, 'value' | 'remark' | 'tone'> {
  if (old.url !== null) return { value: showSetting(old) };
  if (receiver === null) return { value: 'nowhere: no URL is set', tone: 'warning' };
  return {
    value: showNotificationUrl(receiver.url),
    remark: 'the production URL, as the sandbox has none',
    tone: 'warning',
  };
}

function describeEnd({ url }: UrlSetting): string {
  return url === null
    ? 'this ends; the URL is then cleared, which Apple may not take: nothing documents it'
    : 'this ends; then the old URL is put back';
}

/** `{claim, app, old: {url, version}, receiver, url}`. */
export function claimToJson({ app: { id, bundleId, name }, old, receiver, url }: ClaimView): string {
  return toJsonLine({ claim: 'sandbox', app: { appAppleId: id, bundleId, name }, old, receiver, url });
}

/** An earlier claim, as the start of a sentence. */
export function describeEarlier({ app, atMs }: Pick<UrlBackup, 'app' | 'atMs'>, nowMs: number): string {
  return `An earlier \`listen --claim sandbox\` of ${app.bundleId} (${formatMoment(atMs)}, ${formatAge(atMs, nowMs)}) ended without putting the URL back`;
}

/** What became of the URL, as a sentence or two. */
type Ended =
  | { readonly state: 'restored' | 'already' | 'taken'; readonly setting: UrlSetting }
  | { readonly state: 'failed'; readonly error: Pick<ToolError, 'message'> };

export function describeEnded(ended: Ended): string {
  switch (ended.state) {
    case 'restored':
      return ended.setting.url === null
        ? 'The sandbox URL is cleared again, as it was before. Apple may need up to an hour to follow.'
        : `The sandbox URL is ${showSetting(ended.setting)} again. Apple may need up to an hour to follow.`;
    case 'already':
      return `Somebody has put the sandbox URL back already: ${showSetting(ended.setting)}.`;
    case 'taken':
      return `The sandbox URL stays as it is: somebody else has set ${showSetting(ended.setting)} since.`;
    case 'failed':
      return `The sandbox URL could not be put back and still leads here (${ended.error.message}). \`storewire endpoint restore\` puts it back.`;
  }
}
