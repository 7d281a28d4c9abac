import { completeLocalUrl } from '../../address/local-url.js';
import { checkEmulatedUrl } from '../../emulator/app-settings.js';
import type {
  ApiName,
  DroppedEvent,
  EmulatorDeliveryEvent,
  EmulatorEvent,
  EmulatorReadyEvent,
  EmulatorStoppedEvent,
  RequestEvent,
  SettingsEvent,
} from '../../emulator/events.js';
import { emulatorVariables } from '../../session/through-emulator.js';
import { type Cell, GAP, layCells } from '../../terminal/columns.js';
import { escapeText, showText } from '../../terminal/escape.js';
import { countOf, formatSecond, SECOND_WIDTH } from '../../terminal/format.js';
import { toJsonLine } from '../../terminal/json.js';
import { joinParts, labelWidthOf, layRows, laySentence, type Row, type View } from '../../terminal/layout.js';
import { quoteForShell } from './env-file.js';

/** Options of the command that the ready block shows. */
interface ReadyOptions {
  readonly sandboxUrl?: string;
  readonly productionUrl?: string;
  readonly timeScale?: number;
  readonly step: boolean;
  readonly unreleased: boolean;
  /** File with the environment variables. */
  readonly envFile: string;
}

export function emulatorEventToJson(event: EmulatorEvent): string {
  return toJsonLine(event);
}

/** Ready block: addresses, notification URLs, environment variables, next steps. */
export function describeEmulatorReady(ready: EmulatorReadyEvent, options: ReadyOptions, view: View): string {
  const { paint } = view;
  const groups = [apiRows(ready, options), urlRows(options)];
  const width = labelWidthOf(groups.flat(), view.columns);
  const [apis = [], urls = []] = groups.map((rows) => layRows(rows, view, width));
  return `${joinParts([
    [`${paint.green.bold('Emulator ready')} at ${ready.url}`, ...apis],
    [paint.bold('Notification URLs'), ...urls],
    [paint.bold('Environment variables for your server and storewire'), ...exportLines(ready)],
    [paint.bold('Try it, in another shell'), ...tryLines(ready, options).map((line) => `  ${line}`)],
    ...(isUrlSet(options)
      ? []
      : [[paint.bold('Receive them, in a third shell'), `  ${sourceLine(options)}`, '  storewire listen']]),
    ['Stop: Ctrl-C'],
  ])}\n`;
}

function apiRows(ready: EmulatorReadyEvent, { unreleased }: ReadyOptions): readonly Row[] {
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
  const fallback =
    productionUrl === undefined ? 'set it with --sandbox-url' : 'the production URL is used, except for TEST';
  return [
    ...urlRow('sandbox', sandboxUrl, 'no retries', fallback),
    ...urlRow('production', productionUrl, retries, 'set it with --production-url'),
  ];
}

function urlRow(label: string, url: string | undefined, retries: string, unset: string): readonly Row[] {
  if (url === undefined) return [{ label, value: 'not set', remark: unset, tone: 'quiet' }];
  const { appleWouldRefuse } = checkEmulatedUrl(completeLocalUrl(url));
  const rows: readonly Row[] = [{ label, value: showText(completeLocalUrl(url)), remark: retries }];
  return appleWouldRefuse === null ? rows : [...rows, { label: '', value: '', remark: appleWouldRefuse }];
}

/** To be copied, so neither wrapped nor coloured. */
function exportLines(ready: EmulatorReadyEvent): readonly string[] {
  return Object.entries(emulatorVariables(ready)).map(
    ([name, value]) => `export ${name}=${quoteForShell(escapeText(value))}`,
  );
}

/** Commands that work as typed in another shell: the file of variables comes first. */
function tryLines({ url }: EmulatorReadyEvent, options: ReadyOptions): readonly string[] {
  const { sandboxUrl, productionUrl } = options;
  const environment = sandboxUrl === undefined && productionUrl !== undefined ? 'production' : 'sandbox';
  const name = environment === 'sandbox' ? '--sandbox' : '--production';
  return [
    sourceLine(options),
    ...(isUrlSet(options) ? [] : [`storewire endpoint set ${name} http://localhost:4280/ --yes`]),
    `storewire test --environment ${environment} --wait`,
    `storewire trigger DID_RENEW --via-emulator ${url}${environment === 'production' ? ' --environment production' : ''}`,
  ];
}

function isUrlSet({ sandboxUrl, productionUrl }: ReadyOptions): boolean {
  return sandboxUrl !== undefined || productionUrl !== undefined;
}

/** Reads the variables into a POSIX shell. */
function sourceLine({ envFile }: ReadyOptions): string {
  return `. ${quoteForShell(escapeText(envFile))}`;
}

/** One line of an event, and details below it. */
interface EventLine {
  readonly cells: readonly Cell[];
  readonly details: readonly string[];
}

/** One line for a request, delivery or change, followed by indented details. Every line ends in a newline. */
export function describeEmulatorEvent(
  event: RequestEvent | EmulatorDeliveryEvent | SettingsEvent | DroppedEvent,
  view: View,
): string {
  const { cells, details } = lineOf(event, view);
  const below = details.flatMap((detail) => laySentence(detail, { columns: view.columns - INDENT.length }, true));
  const time: Cell = { text: formatSecond(event.atMs) };
  return [...layCells([time, ...cells], view, INDENT.length), ...below.map((text) => INDENT + view.paint.dim(text))]
    .map((text) => `${text}\n`)
    .join('');
}

const INDENT = ' '.repeat(SECOND_WIDTH + GAP);

const SOURCE_WIDTH = 'production'.length;

const API_NAMES: Readonly<Record<ApiName, string>> = {
  serverApi: 'server',
  connectApi: 'connect',
  control: 'control',
  ocsp: 'ocsp',
};

function lineOf(event: Parameters<typeof describeEmulatorEvent>[0], view: View): EventLine {
  if (event.event === 'dropped') return droppedLine(event, view);
  if (event.event === 'request') return requestLine(event, view);
  return event.event === 'settings' ? settingsLine(event, view) : deliveryLine(event, view);
}

function sourceCell(source: string): Cell {
  return { text: source, width: SOURCE_WIDTH };
}

function requestLine(
  { api, environment, method, path, status, errorCode, cause }: RequestEvent,
  { paint }: View,
): EventLine {
  const source = environment?.toLowerCase() ?? (api === null ? '–' : API_NAMES[api]);
  const code = errorCode === null ? '' : ` ${errorCode}`;
  const cells = [
    sourceCell(source),
    { text: `${showText(method)} ${showText(path)}` },
    { text: `${status}${code}`, colour: status < 400 ? paint.green : paint.yellow },
  ];
  return { cells, details: cause === null ? [] : [escapeText(cause)] };
}

function deliveryLine(event: EmulatorDeliveryEvent, { paint }: View): EventLine {
  const { environment, type, transactionId, attempt, sendAttemptResult, httpStatus, ms, target, detail } = event;
  const isAccepted = event.event === 'forwarded';
  const number = attempt === 1 ? '' : `, attempt ${attempt}`;
  const cells = [
    sourceCell(environment.toLowerCase()),
    { text: `${showText(type)}${number}`, colour: paint.bold },
    { text: `→ ${showText(target)}` },
    { text: `${isAccepted ? '✓' : '✗'} ${httpStatus ?? 'no response'}`, colour: isAccepted ? paint.green : paint.red },
    { text: `${Math.round(ms)} ms`, colour: paint.dim },
    ...(transactionId === null ? [] : [{ text: showText(transactionId), colour: paint.dim }]),
  ];
  return {
    cells,
    details: isAccepted ? [] : [`${sendAttemptResult}: ${escapeText(detail)}`, describeNext(event)],
  };
}

const HOUR_MS = 3_600_000;

function describeNext({ environment, attemptDate, nextAttemptDate }: EmulatorDeliveryEvent): string {
  if (nextAttemptDate !== null)
    return `next attempt after ${(nextAttemptDate - attemptDate) / HOUR_MS} h on the retry clock`;
  return environment === 'Sandbox' ? 'no retry: Apple sends once in Sandbox' : 'no further attempt';
}

function settingsLine({ settings }: SettingsEvent, { paint }: View): EventLine {
  const { subscriptionStatusUrl, subscriptionStatusUrlVersion } = settings;
  const { subscriptionStatusUrlForSandbox, subscriptionStatusUrlVersionForSandbox } = settings;
  return {
    cells: [sourceCell('connect'), { text: 'notification URLs changed', colour: paint.bold }],
    details: [
      `sandbox ${describeUrl(subscriptionStatusUrlForSandbox, subscriptionStatusUrlVersionForSandbox)}`,
      `production ${describeUrl(subscriptionStatusUrl, subscriptionStatusUrlVersion)}`,
    ],
  };
}

function droppedLine({ kept }: DroppedEvent, { paint }: View): EventLine {
  return {
    cells: [sourceCell('emulator'), { text: 'history is full', colour: paint.yellow }],
    details: [
      `The oldest notifications are dropped from now on, with their retries: ${countOf(kept, 'notification')} are kept.`,
    ],
  };
}

function describeUrl(url: string | null, version: string | null): string {
  return url === null ? 'not set' : `${showText(url)} (${version ?? 'V2'})`;
}

/** Summary of the run. */
export function describeEmulatorStopped(
  { counts }: EmulatorStoppedEvent,
  view: Pick<View, 'paint' | 'columns'>,
): string {
  const { requests, notifications, attempts, delivered, undelivered } = counts;
  const sent = `${countOf(notifications, 'notification')} sent in ${countOf(attempts, 'attempt')}: ${delivered} delivered, ${undelivered} undelivered`;
  const summary = `Stopped. ${countOf(requests, 'request')} answered, ${notifications === 0 ? 'no notifications sent' : sent}.`;
  const [first = '', ...rest] = laySentence(summary, view);
  return `\n${[first.replace('Stopped.', view.paint.bold('Stopped.')), ...rest].join('\n')}\n`;
}
