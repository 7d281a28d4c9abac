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

/** What the ready block tells beside the addresses. */
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

/** What runs where, what to export, what to type next. */
export function describeReady(ready: ReadyEvent, options: ReadyOptions, view: View): string {
  const { paint } = view;
  const groups = [
    { title: 'An App Store on this machine', rows: addressRows(ready, options) },
    { title: 'Notification URLs', rows: urlRows(options) },
    { title: 'Try it', rows: tryRows(ready) },
  ];
  const width = labelWidthOf(
    groups.flatMap(({ rows }) => rows),
    view.columns,
  );
  const [addresses = [], urls = [], tries = []] = groups.map(({ title, rows }) => [
    paint.bold(title),
    ...layRows(rows, view, width),
  ]);
  const exports = [paint.bold('For the shell that runs your server and storewire'), ...exportLines(ready)];
  return `${joinParts([addresses, urls, exports, tries])}\n`;
}

function addressRows(ready: ReadyEvent, { unreleased }: ReadyOptions): readonly Row[] {
  const { serverApi, connectApi, bundleId, appAppleId } = ready;
  return [
    { label: 'app', value: escapeText(bundleId), remark: `app Apple ID ${appAppleId}` },
    { label: 'sandbox', value: serverApi.sandbox, remark: 'App Store Server API' },
    {
      label: 'production',
      value: serverApi.production,
      remark: unreleased ? 'answers 401: no release yet' : 'App Store Server API',
    },
    { label: 'connect', value: connectApi, remark: 'App Store Connect API' },
  ];
}

function urlRows({ sandboxUrl, productionUrl, timeScale, step }: ReadyOptions): readonly Row[] {
  const pace = step
    ? 'retries when the control API lets time pass'
    : `retries after 1, 12, 24, 48 and 72 h${timeScale === undefined || timeScale === 1 ? '' : `, ${timeScale} times as fast`}`;
  return [urlRow('sandbox', sandboxUrl, 'sent once'), urlRow('production', productionUrl, pace)];
}

function urlRow(label: string, url: string | undefined, remark: string): Row {
  if (url === undefined)
    return { label, value: 'not set', remark: `--${label}-url, or PATCH /v1/apps/{id}`, tone: 'quiet' };
  return { label, value: showText(url), remark };
}

/** Copied as they stand, so never wrapped and never painted. */
function exportLines(ready: ReadyEvent): readonly string[] {
  return Object.entries(variablesOf(ready)).map(([name, value]) => `export ${name}=${quoteForShell(value)}`);
}

/** What a client of the emulator is set up with, by the names the settings have in the environment. */
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

/** As POSIX shells read it. */
function quoteForShell(text: string): string {
  const shown = escapeText(text);
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}

function tryRows({ url }: ReadyEvent): readonly Row[] {
  return [
    { label: 'TEST', value: 'storewire test --environment sandbox --wait' },
    { label: 'an event', value: `storewire trigger DID_RENEW --via-emulator ${url}` },
    { label: 'the end', value: 'Ctrl-C' },
  ];
}

/** One calm line for a request or a delivery, and below it what the line has no room for. Each line ends in a newline. */
export function describeEmulatorEvent(event: RequestEvent | DeliveryEvent | SettingsEvent, view: View): string {
  const [line, ...notes] =
    event.event === 'request'
      ? describeRequest(event, view)
      : event.event === 'settings'
        ? describeSettings(event, view)
        : describeDelivery(event, view);
  const below = notes.flatMap((note) => laySentence(note, { columns: view.columns - INDENT.length }, true));
  return [line, ...below.map((note) => INDENT + view.paint.dim(note))].map((text) => `${text}\n`).join('');
}

const INDENT = ' '.repeat('2025-10-02T08:30:41Z  '.length);

const WHO_WIDTH = 'production'.length;

const API_NAMES: Readonly<Record<ApiName, string>> = {
  serverApi: 'server',
  connectApi: 'connect',
  control: 'control',
  ocsp: 'ocsp',
};

function describeRequest(event: RequestEvent, { paint }: View): readonly string[] {
  const { api, environment, method, path, status, errorCode, cause } = event;
  const who = environment?.toLowerCase() ?? (api === null ? '–' : API_NAMES[api]);
  const code = errorCode === null ? '' : ` ${errorCode}`;
  const answer = `${status}${code}`;
  const colour = status < 400 ? paint.green : paint.yellow;
  const line = `${startOf(event.atMs, who)}  ${showText(method)} ${showText(path)}  ${colour(answer)}`;
  return cause === null ? [line] : [line, escapeText(cause)];
}

function describeDelivery(event: DeliveryEvent, { paint }: View): readonly string[] {
  const { environment, type, attempt, sendAttemptResult, httpStatus, ms, target } = event;
  const colour = event.event === 'forwarded' ? paint.green : paint.red;
  const result = `${sendAttemptResult}${httpStatus === null ? '' : ` ${httpStatus}`}`;
  const which = attempt === 1 ? '' : `, attempt ${attempt}`;
  const mark = event.appleWouldRefuse === null ? '' : ` ${paint.dim(`(${event.appleWouldRefuse})`)}`;
  const what = `${paint.bold(showText(type))}${which} → ${showText(target)}${mark}`;
  return [
    `${startOf(event.atMs, environment.toLowerCase())}  ${what}  ${colour(result)}  ${paint.dim(`${Math.round(ms)} ms`)}`,
    ...(event.event === 'failed' ? [escapeText(event.detail), describeNext(event)] : []),
  ];
}

const HOUR_MS = 3_600_000;

function describeNext({ environment, attemptDate, nextAttemptDate }: DeliveryEvent): string {
  if (nextAttemptDate !== null)
    return `next attempt after ${(nextAttemptDate - attemptDate) / HOUR_MS} h of retry time`;
  return environment === 'Sandbox' ? 'the sandbox sends once' : 'no further attempt';
}

function describeSettings({ atMs, settings }: SettingsEvent, { paint }: View): readonly string[] {
  const { subscriptionStatusUrl, subscriptionStatusUrlVersion } = settings;
  const { subscriptionStatusUrlForSandbox, subscriptionStatusUrlVersionForSandbox } = settings;
  return [
    `${startOf(atMs, 'connect')}  ${paint.bold('notification URLs changed')}`,
    `sandbox ${showSetting(subscriptionStatusUrlForSandbox, subscriptionStatusUrlVersionForSandbox)}`,
    `production ${showSetting(subscriptionStatusUrl, subscriptionStatusUrlVersion)}`,
  ];
}

function showSetting(url: string | null, version: string | null): string {
  return url === null ? 'not set' : `${showText(url)} (${version ?? 'V2'})`;
}

function startOf(atMs: number, who: string): string {
  return `${formatMoment(Math.floor(atMs / 1_000) * 1_000) ?? atMs}  ${padTo(who, WHO_WIDTH)}`;
}

/** What came of the run, for its end. */
export function describeStopped({ counts }: StoppedEvent, { paint }: Pick<View, 'paint'>): string {
  const { requests, notifications, attempts, delivered, undelivered } = counts;
  const sent = `${countOf(notifications, 'notification')} in ${countOf(attempts, 'attempt')}: ${delivered} delivered, ${undelivered} not`;
  return `\n${paint.bold('Stopped.')} ${countOf(requests, 'request')} answered, ${notifications === 0 ? 'nothing sent' : sent}.\n`;
}
