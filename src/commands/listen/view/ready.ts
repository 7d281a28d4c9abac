import { checkNotificationUrl } from '../../../connect-api/url-rules.js';
import type { ReadyEvent, StoppedEvent } from '../../../listener/events.js';
import type { FaultOptions } from '../../../listener/fault-injection.js';
import { escapeText, showText } from '../../../terminal/escape.js';
import { countOf, groupDigits } from '../../../terminal/format.js';
import { joinParts, labelWidthOf, layRows, laySentence, type Row, type View } from '../../../terminal/layout.js';

/** Settings that the ready block shows beside the event. */
export interface ReadyContext {
  /** The test authority of this project is trusted. */
  readonly trustsAuthority: boolean;
  /** Number of further roots. */
  readonly customRoots: number;
  /** Source of the further roots, such as `--root` or `STOREWIRE_ROOT`. */
  readonly rootSource?: string;
  /** The further roots include that of this project's test authority, which signs for `trigger`. */
  readonly trustsTrigger?: boolean;
  /** Flags that `trigger` needs for an app that this listener accepts. */
  readonly triggerFlags?: string;
  /** No bundle id is required. */
  readonly acceptsAnyApp?: boolean;
  /** Path of the journal, as displayed. */
  readonly journal: string;
  readonly answer: 'ack' | 'forwarded';
  readonly onInvalid: 'reject' | 'forward' | 'drop';
  /** Injected faults, from {@link describeFaults}; null without any. */
  readonly faults: string | null;
  /** `--claim` has set the sandbox URL. */
  readonly isClaimed?: boolean;
  /** The local page; null or absent without one. */
  readonly pageUrl?: string | null;
  /** Keys may be typed. */
  readonly hasLineKeys?: boolean;
}

/** Ready block: endpoint, App Store Connect settings, next commands. Text meant to be copied is never wrapped. */
export function describeReady(ready: ReadyEvent, context: ReadyContext, view: View): string {
  const { paint } = view;
  const endpoint = endpointRows(ready, context);
  const urls = urlRows(ready, context);
  const tries = tryRows(ready, context);
  const width = labelWidthOf([...endpoint, ...urls, ...tries], view.columns);
  const unwrapped = { ...view, columns: Number.POSITIVE_INFINITY };
  return `${joinParts([
    [
      paint.bold('Listening for App Store Server Notifications'),
      ...layRows(pageRows(context), unwrapped, width),
      ...layRows(endpoint, view, width),
    ],
    [
      `${paint.bold('In App Store Connect')}${urls.length === 0 ? '' : paint.dim('  App Information → App Store Server Notifications')}`,
      ...layRows(urls, unwrapped, width),
      ...layUrlNotes(ready, view),
    ],
    [paint.bold('Try it'), ...layRows(tries, unwrapped, width)],
    [context.hasLineKeys === true ? KEYS : STOP],
  ])}\n`;
}

/** Copied, so never wrapped. */
function pageRows({ pageUrl = null }: ReadyContext): readonly Row[] {
  return pageUrl === null ? [] : [{ label: 'page', value: pageUrl }];
}

function endpointRows(ready: ReadyEvent, context: ReadyContext): readonly Row[] {
  const { url, targets, owed } = ready;
  const { faults, onInvalid } = context;
  return [
    { label: 'local', value: escapeText(url) },
    { label: 'trusts', value: describeTrust(context) },
    ...(context.acceptsAnyApp === true
      ? [{ label: 'app', value: 'any', remark: 'to accept only yours, add --bundle-id' }]
      : []),
    ...(onInvalid === 'reject' ? [] : [{ label: 'invalid', value: ON_INVALID[onInvalid], tone: 'warning' as const }]),
    ...targetRows(targets, context),
    { label: 'journal', value: escapeText(context.journal), remark: 'personal data, kept for 30 days' },
    ...(owed === 0
      ? []
      : [
          {
            label: 'pending',
            value: owed === 1 ? '1 delivery' : `${groupDigits(owed)} deliveries`,
            remark: 'from earlier runs, resuming now',
          },
        ]),
    ...(faults === null ? [] : [{ label: 'faults', value: faults, tone: 'warning' as const }]),
  ];
}

const ON_INVALID: Readonly<Record<'forward' | 'drop', string>> = {
  forward: 'forwarded, too',
  drop: 'answered 200 and dropped',
};

function describeTrust(context: ReadyContext): string {
  const { trustsAuthority, customRoots, rootSource = '--root', trustsTrigger = false } = context;
  const from = escapeText(rootSource);
  const isByRoot = trustsTrigger && !trustsAuthority;
  const rest = isByRoot ? customRoots - 1 : customRoots;
  const others = [
    ...(trustsAuthority ? ["this project's test authority"] : []),
    ...(isByRoot ? [`this project's test authority (${from})`] : []),
    ...(rest === 0 ? [] : [rest === 1 ? `1 root from ${from}` : `${rest} roots from ${from}`]),
  ];
  return others.length === 0 ? 'Apple' : `Apple and ${others.join(' and ')}`;
}

function targetRows(targets: ReadyEvent['targets'], { answer }: ReadyContext): readonly Row[] {
  if (targets.length === 0) {
    return [
      { label: 'forwards', value: 'nowhere', remark: 'add --forward-to http://localhost:3000/path', tone: 'quiet' },
    ];
  }
  return targets.map(({ name, shown, only }, index) => {
    const remarks = [
      ...(only === null ? [] : [escapeText(only)]),
      ...(index === 0 && answer === 'forwarded' ? ['its status is returned to Apple'] : []),
    ];
    return {
      label: index === 0 ? 'forwards' : '',
      value: `${escapeText(name)} → ${escapeText(shown)}`,
      remark: remarks.length === 0 ? null : remarks.join('; '),
    };
  });
}

function urlRows({ publicUrl }: ReadyEvent, { isClaimed = false }: ReadyContext): readonly Row[] {
  if (publicUrl === null) return [];
  if (isClaimed) {
    const value = escapeText(publicUrl);
    return [{ label: 'claimed', value, remark: 'set as Sandbox Server URL until this stops' }];
  }
  return [
    { label: 'paste', value: escapeText(publicUrl) },
    { label: 'into', value: 'Sandbox Server URL or Production Server URL' },
    { label: 'choose', value: 'Version 2 Notifications' },
  ];
}

/** Apple's URL rules that the public URL breaks; without a public URL, the flags that give one. */
function layUrlNotes({ publicUrl }: ReadyEvent, view: View): readonly string[] {
  const indented = { columns: view.columns - INDENT.length };
  if (publicUrl === null) {
    return laySentence(NO_PUBLIC_URL, indented).map((line) => INDENT + line);
  }
  const findings = checkNotificationUrl(publicUrl);
  return findings.flatMap(({ level, message }) => {
    const colour = level === 'fail' ? view.paint.red : view.paint.yellow;
    const mark = level === 'fail' ? '✗' : '!';
    return laySentence(`${mark} ${showText(message)}`, indented, true).map((line) => INDENT + colour(line));
  });
}

const INDENT = '  ';

const NO_PUBLIC_URL =
  'Apple can only reach public https URLs. Get one with --tunnel cloudflared, or pass yours with --public-url.';

const STOP = 'Stop: Ctrl-C';

const KEYS = 'Keys: h + Enter for help, o + Enter opens the page. Stop: Ctrl-C';

/** The commands of which `trigger` sends what `listen` accepts: the second alone where this run accepts it. */
function tryRows({ url }: ReadyEvent, context: ReadyContext): readonly Row[] {
  const { trustsAuthority, trustsTrigger = false, triggerFlags = '' } = context;
  const send = { label: 'send', value: `storewire trigger DID_RENEW --to ${escapeText(url)}${triggerFlags}` };
  if (trustsAuthority || trustsTrigger) return [send];
  return [
    {
      label: 'restart',
      value: `storewire listen${addressFlags(url)} --trust-authority`,
      remark: 'and your other flags',
    },
    send,
    { label: '', value: '', remark: 'rejected unless listen runs with --trust-authority' },
  ];
}

/** Flags with which `listen` serves this URL again. */
function addressFlags(url: string): string {
  const { port, pathname } = new URL(url);
  return `${port === DEFAULT_PORT ? '' : ` --port ${port}`}${pathname === '/' ? '' : ` --path ${escapeText(pathname)}`}`;
}

const DEFAULT_PORT = '4280';

/** Injected faults in words; null without any. */
export function describeFaults({ respond, failFirst, delayMs, hang }: FaultOptions): string | null {
  const isFaulty = respond !== undefined || failFirst !== undefined || hang === true;
  const which =
    failFirst === undefined
      ? 'every request'
      : failFirst === 1
        ? 'the first request'
        : `the first ${failFirst} requests`;
  const parts = [
    ...(isFaulty ? [hang === true ? `leaves ${which} unanswered` : `answers ${which} with ${respond ?? 503}`] : []),
    ...(delayMs === undefined ? [] : [`waits ${delayMs / 1_000} s before each answer`]),
  ];
  return parts.length === 0 ? null : parts.join(', ');
}

/** Facts for the summary beside the counts of the listener. */
interface StopFacts {
  /** Deliveries without a further automatic attempt. */
  readonly abandoned: number;
  /** Requests refused before verification: wrong path, method or type. */
  readonly refusedRequests: number;
  /** The unmet expectation of --expect or --exit-after, a sentence without a full stop; null if met or none. */
  readonly unmet: string | null;
}

/** Summary of the run and the next commands, for stderr. */
export function describeStopped(
  { counts }: StoppedEvent,
  { abandoned, refusedRequests, unmet }: StopFacts,
  view: View,
): string {
  const { received, verified, repeats, refused, forwarded, failed, owed } = counts;
  const unrecorded = received - verified - refused;
  const kinds = [
    ...(verified > 0
      ? [`${groupDigits(verified)} verified${repeats > 0 ? ` (${countOf(repeats, 'repeat')})` : ''}`]
      : []),
    ...(refused > 0 ? [`${groupDigits(refused)} refused`] : []),
    ...(unrecorded > 0 ? [`${groupDigits(unrecorded)} not recorded (answered 503)`] : []),
  ];
  const deliveries = [
    ...(forwarded > 0 ? [`${groupDigits(forwarded)} accepted`] : []),
    ...(failed > 0 ? [countOf(failed, 'failed attempt')] : []),
    ...(owed > 0 ? [`${groupDigits(owed)} pending`] : []),
  ];
  const sentences = [
    ...(unmet === null ? [] : [`${unmet}.`]),
    received === 0 ? 'Nothing was received.' : `${groupDigits(received)} received: ${kinds.join(', ')}.`,
    ...(refusedRequests === 0
      ? []
      : [`${countOf(refusedRequests, received === 0 ? 'request' : 'other request')} refused before verification.`]),
    ...(deliveries.length > 0 ? [`Deliveries: ${deliveries.join(', ')}.`] : []),
  ];
  const [first = '', ...more] = laySentence(`Stopped. ${sentences.join(' ')}`, view);
  const headline = first.replace(/^Stopped\./, (word) => view.paint.bold(word));
  return `\n${[headline, ...more, ...layRows(nextRows(counts, abandoned), view)].join('\n')}\n`;
}

function nextRows({ received, owed }: StoppedEvent['counts'], abandoned: number): readonly Row[] {
  return [
    ...(owed > 0 ? [{ label: 'storewire listen', value: 'resumes pending deliveries' }] : []),
    ...(owed + abandoned > 0
      ? [{ label: 'storewire replay --failed', value: 'resends what targets have not accepted' }]
      : []),
    ...(received > 0 ? [{ label: 'storewire journal list', value: 'shows the received notifications' }] : []),
  ];
}
