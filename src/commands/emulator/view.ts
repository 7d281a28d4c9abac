import { checkNotificationUrl } from '../../emulator/app-settings.js';
import type {
  ApiName,
  DeliveryEvent,
  EmulatorEvent,
  ReadyEvent,
  RequestEvent,
  SettingsEvent,
  StoppedEvent,
} from '../../emulator/events.js';
import { escapeText, showText } from '../../terminal/escape.js';
import { countOf, formatMoment } from '../../terminal/format.js';
import { toJsonLine } from '../../terminal/json.js';
import { joinParts, labelWidthOf, layRows, laySentence, type Row, type View } from '../../terminal/layout.js';
import { padTo } from '../../terminal/width.js';

/** Options of the command that the ready block shows. */
interface ReadyOptions {
  readonly sandboxUrl?: string;
  readonly productionUrl?: string;
  readonly timeScale?: number;
  readonly step: boolean;
  readonly unreleased: boolean;
}

export function emulatorEventToJson(event: EmulatorEvent): string {
  return toJsonLine(event);
}

/** Ready block: addresses, notification URLs, environment variables, next steps. */
export function describeReady(ready: ReadyEvent, options: ReadyOptions, view: View): string {
  const { paint } = view;
  const groups = [apiRows(ready, options), urlRows(options), nextRows(ready)];
  const width = labelWidthOf(groups.flat(), view.columns);
  const [apis = [], urls = [], next = []] = groups.map((rows) => layRows(rows, view, width));
  return `${joinParts([
    [`${paint.green.bold('Emulator ready')} at ${ready.url}`, ...apis],
    [paint.bold('Notification URLs'), ...urls],
    [paint.bold('Environment variables for your server and storewire'), ...exportLines(ready)],
    [paint.bold('Next steps'), ...next],
    ['Stop: Ctrl-C'],
  ])}\n`;
}

function apiRows(ready: ReadyEvent, { unreleased }: ReadyOptions): readonly Row[] {
  const { serverApi, connectApi, bundleId, appAppleId } = ready;
  const production = unreleased ? 'production, answers 401 (--unreleased)' : 'production';
  return [
    { label: 'app', value: escapeText(bundleId), remark: `app Apple ID ${appAppleId}` },
    { label: 'Server API', value: serverApi.sandbox, remark: 'sandbox' },
    { label: '', value: serverApi.production, remark: production },
    { label: 'Connect API', value: connectApi },
  ];
}

function urlRows({ sandboxUrl, productionUrl, timeScale, step }: ReadyOptions): readonly Row[] {
  const speed = timeScale === undefined || timeScale === 1 ? '' : `, ${timeScale} times as fast`;
  const retries = step ? 'retries by the control API only' : `retries after 1, 12, 24, 48 and 72 h${speed}`;
  return [urlRow('sandbox', sandboxUrl, 'no retries'), urlRow('production', productionUrl, retries)];
}

function urlRow(label: string, url: string | undefined, retries: string): Row {
  if (url === undefined) return { label, value: 'not set', remark: `set it with --${label}-url`, tone: 'quiet' };
  const { appleWouldRefuse } = checkNotificationUrl(url);
  return {
    label,
    value: showText(url),
    remark: appleWouldRefuse === null ? retries : `${retries}; ${appleWouldRefuse}`,
  };
}

/** To be copied, so neither wrapped nor coloured. */
function exportLines(ready: ReadyEvent): readonly string[] {
  return Object.entries(variablesOf(ready)).map(([name, value]) => `export ${name}=${quoteForShell(value)}`);
}

/** Environment variables of a client of the emulator. */
function variablesOf(ready: ReadyEvent): Readonly<Record<string, string>> {
  return {
    STOREWIRE_SERVER_API_SANDBOX_URL: ready.serverApi.sandbox,
    STOREWIRE_SERVER_API_PRODUCTION_URL: ready.serverApi.production,
    STOREWIRE_CONNECT_API_URL: ready.connectApi,
    STOREWIRE_BUNDLE_ID: ready.bundleId,
    STOREWIRE_APP_APPLE_ID: String(ready.appAppleId),
    STOREWIRE_ISSUER_ID: ready.issuerId,
    STOREWIRE_KEY_ID: ready.keyId,
    STOREWIRE_PRIVATE_KEY_PATH: ready.privateKeyPath,
    STOREWIRE_CONNECT_ISSUER_ID: ready.connect.issuerId,
    STOREWIRE_CONNECT_KEY_ID: ready.connect.keyId,
    STOREWIRE_CONNECT_PRIVATE_KEY_PATH: ready.connect.privateKeyPath,
    STOREWIRE_ROOT: ready.rootPath,
    STOREWIRE_EMULATOR_TOKEN: ready.controlToken,
  };
}

/** Quotes for POSIX shells. */
function quoteForShell(text: string): string {
  const shown = escapeText(text);
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}

function nextRows({ url }: ReadyEvent): readonly Row[] {
  return [
    { label: 'TEST', value: 'storewire test --environment sandbox --wait' },
    { label: 'any event', value: `storewire trigger DID_RENEW --via-emulator ${url}` },
  ];
}

/** One line for a request, delivery or change, followed by indented details. Every line ends in a newline. */
export function describeEmulatorEvent(event: RequestEvent | DeliveryEvent | SettingsEvent, view: View): string {
  const [line, ...details] =
    event.event === 'request'
      ? describeRequest(event, view)
      : event.event === 'settings'
        ? describeSettings(event, view)
        : describeDelivery(event, view);
  const below = details.flatMap((detail) => laySentence(detail, { columns: view.columns - INDENT.length }, true));
  return [line, ...below.map((detail) => INDENT + view.paint.dim(detail))].map((text) => `${text}\n`).join('');
}

const INDENT = ' '.repeat('2025-10-02T08:30:41Z  '.length);

const SOURCE_WIDTH = 'production'.length;

const API_NAMES: Readonly<Record<ApiName, string>> = {
  serverApi: 'server',
  connectApi: 'connect',
  control: 'control',
  ocsp: 'ocsp',
};

function describeRequest(event: RequestEvent, { paint }: View): readonly string[] {
  const { api, environment, method, path, status, errorCode, cause } = event;
  const source = environment?.toLowerCase() ?? (api === null ? '–' : API_NAMES[api]);
  const code = errorCode === null ? '' : ` ${errorCode}`;
  const answer = `${status}${code}`;
  const colour = status < 400 ? paint.green : paint.yellow;
  const line = `${lineStart(event.atMs, source)}  ${showText(method)} ${showText(path)}  ${colour(answer)}`;
  return cause === null ? [line] : [line, escapeText(cause)];
}

function describeDelivery(event: DeliveryEvent, { paint }: View): readonly string[] {
  const { environment, type, attempt, sendAttemptResult, httpStatus, ms, target } = event;
  const isAccepted = event.event === 'forwarded';
  const colour = isAccepted ? paint.green : paint.red;
  const number = attempt === 1 ? '' : `, attempt ${attempt}`;
  const result = colour(`${isAccepted ? '✓' : '✗'} ${httpStatus ?? 'no response'}`);
  const line = `${paint.bold(showText(type))}${number} → ${showText(target)}  ${result}  ${paint.dim(`${Math.round(ms)} ms`)}`;
  return [
    `${lineStart(event.atMs, environment.toLowerCase())}  ${line}`,
    ...(isAccepted ? [] : [`${sendAttemptResult}: ${escapeText(event.detail)}`, describeNext(event)]),
  ];
}

const HOUR_MS = 3_600_000;

function describeNext({ environment, attemptDate, nextAttemptDate }: DeliveryEvent): string {
  if (nextAttemptDate !== null)
    return `next attempt after ${(nextAttemptDate - attemptDate) / HOUR_MS} h on the retry clock`;
  return environment === 'Sandbox' ? 'no retry: Apple sends once in Sandbox' : 'no further attempt';
}

function describeSettings({ atMs, settings }: SettingsEvent, { paint }: View): readonly string[] {
  const { subscriptionStatusUrl, subscriptionStatusUrlVersion } = settings;
  const { subscriptionStatusUrlForSandbox, subscriptionStatusUrlVersionForSandbox } = settings;
  return [
    `${lineStart(atMs, 'connect')}  ${paint.bold('notification URLs changed')}`,
    `sandbox ${showSetting(subscriptionStatusUrlForSandbox, subscriptionStatusUrlVersionForSandbox)}`,
    `production ${showSetting(subscriptionStatusUrl, subscriptionStatusUrlVersion)}`,
  ];
}

function showSetting(url: string | null, version: string | null): string {
  return url === null ? 'not set' : `${showText(url)} (${version ?? 'V2'})`;
}

function lineStart(atMs: number, source: string): string {
  return `${formatMoment(Math.floor(atMs / 1_000) * 1_000) ?? atMs}  ${padTo(source, SOURCE_WIDTH)}`;
}

/** Summary of the run. */
export function describeStopped({ counts }: StoppedEvent, { paint }: Pick<View, 'paint'>): string {
  const { requests, notifications, attempts, delivered, undelivered } = counts;
  const sent = `${countOf(notifications, 'notification')} sent in ${countOf(attempts, 'attempt')}: ${delivered} delivered, ${undelivered} undelivered`;
  return `\n${paint.bold('Stopped.')} ${countOf(requests, 'request')} answered, ${notifications === 0 ? 'no notifications sent' : sent}.\n`;
}
