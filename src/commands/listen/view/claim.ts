import type { ConnectApp } from '../../../connect-api/app.js';
import type { UrlBackup } from '../../../connect-api/url-backup.js';
import type { UrlSetting } from '../../../connect-api/url-settings.js';
import type { ToolError } from '../../../errors.js';
import { showApp, showNotificationUrl, showSetting } from '../../../session/url-text.js';
import { formatAge, formatMoment } from '../../../terminal/format.js';
import { toJsonLine } from '../../../terminal/json.js';
import { layRows, type Row, type View } from '../../../terminal/layout.js';

/** Plan of `--claim sandbox`, to show before anything changes. */
export interface ClaimView {
  readonly app: ConnectApp;
  /** Current sandbox setting. */
  readonly old: UrlSetting;
  /** Current receiver of sandbox notifications: the sandbox URL, else the production URL, else null. */
  readonly receiver: { readonly url: string; readonly of: string } | null;
  /** Null until the tunnel is up. */
  readonly url: string | null;
}

/** The change in words: old and new receiver, traffic diverted, duration. */
export function describeClaim({ app, old, receiver, url }: ClaimView, view: View): string {
  const rows: readonly Row[] = [
    { label: 'to', value: url === null ? 'the URL of the tunnel' : showNotificationUrl(url) },
    { label: 'instead of', ...describeReceiver(old, receiver) },
    { label: 'diverts', value: 'all sandbox and TestFlight notifications of this app, for every tester' },
    { label: '', value: 'Apple sends each one once: any that is not accepted here is lost', tone: 'quiet' },
    { label: 'until', value: describeRestore(old) },
    { label: '', value: 'Apple may need up to an hour to switch, either way', tone: 'quiet' },
  ];
  return `${[`${view.paint.bold('Claiming the sandbox of')} ${showApp(app)}`, ...layRows(rows, view)].join('\n')}\n`;
}

function describeReceiver(old: UrlSetting, receiver: ClaimView['receiver']): Pick<Row, 'value' | 'remark' | 'tone'> {
  if (old.url !== null) return { value: showSetting(old) };
  if (receiver === null) return { value: 'none: no URL is set', tone: 'warning' };
  return {
    value: showNotificationUrl(receiver.url),
    remark: 'the production URL, because no sandbox URL is set',
    tone: 'warning',
  };
}

function describeRestore({ url }: UrlSetting): string {
  return url === null
    ? 'this stops; the URL is then cleared, which Apple does not document and may reject'
    : 'this stops; the previous URL is then restored';
}

/** `{claim, app, old: {url, version}, receiver, url}`. */
export function claimToJson({ app: { id, bundleId, name }, old, receiver, url }: ClaimView): string {
  return toJsonLine({ claim: 'sandbox', app: { appAppleId: id, bundleId, name }, old, receiver, url });
}

/** An earlier claim, as the subject and predicate of a sentence, without a full stop. */
export function describeEarlier({ app, atMs }: Pick<UrlBackup, 'app' | 'atMs'>, nowMs: number): string {
  return `An earlier \`listen --claim sandbox\` of ${app.bundleId} (${formatMoment(atMs)}, ${formatAge(atMs, nowMs)}) ended without restoring the URL`;
}

/** Outcome of restoring the URL. */
type RestoreOutcome =
  | { readonly state: 'restored' | 'already' | 'taken'; readonly setting: UrlSetting }
  | { readonly state: 'failed'; readonly error: Pick<ToolError, 'message'> };

export function describeRestored(outcome: RestoreOutcome): string {
  switch (outcome.state) {
    case 'restored':
      return outcome.setting.url === null
        ? 'Cleared the sandbox URL, as before. Apple may need up to an hour to switch.'
        : `Restored the sandbox URL ${showSetting(outcome.setting)}. Apple may need up to an hour to switch.`;
    case 'already':
      return `The sandbox URL was already restored: ${showSetting(outcome.setting)}.`;
    case 'taken':
      return `Left the sandbox URL unchanged: someone else has set it to ${showSetting(outcome.setting)}.`;
    case 'failed':
      return `Could not restore the sandbox URL, which still points here (${outcome.error.message}). To restore it: storewire endpoint restore`;
  }
}
