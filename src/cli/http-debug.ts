import { withoutEchoedTokens } from '../http/echoed-token.js';
import { redactHeaders, redactText, redactUrl } from '../http/redact.js';
import { type ReceivedResponse, type TrafficRequest, type TrafficStep, watchTraffic } from '../http/traffic.js';
import { escapeText, shorten } from '../terminal/escape.js';
import { countOf, formatMoment, groupDigits } from '../terminal/format.js';
import type { Deps } from './deps.js';

export interface HttpDebugOptions {
  /** Adds headers and bodies. */
  readonly hasBodies: boolean;
}

/**
 * Reports every HTTP exchange of the run on stderr: method, URL, status, request id and times, without secrets; and the handshakes and raw
 * connections of probes in the same form. Each step is a line, so that a request without a response is seen as well. Also with `--quiet`,
 * since it was asked for. Returns a function that ends it.
 */
export function reportHttp({ hasBodies }: HttpDebugOptions, { stderr, now }: Pick<Deps, 'stderr' | 'now'>): () => void {
  const { paint, forErrors } = stderr;
  const output = forErrors ?? stderr;
  const started = new Map<number, { readonly atMs: number; readonly protocol: string }>();
  let credentials: readonly string[] = [];
  return watchTraffic((seen) => {
    if (seen.step === 'sent')
      credentials = [...new Set([...credentials, ...credentialsOf(seen.request)])].slice(-REMEMBERED);
    const step = withoutEchoes(seen, credentials);
    const atMs = now();
    const start = started.get(step.number) ?? { atMs, protocol: step.step === 'probe' ? step.protocol : 'http' };
    const waitedMs = atMs - start.atMs;
    if (step.step === 'sent' || step.step === 'probe') started.set(step.number, start);
    else started.delete(step.number);
    const details = hasBodies ? describeDetails(step) : [];
    const label = `${start.protocol} ${step.number}`;
    const lines = [
      `${formatMoment(atMs) ?? atMs}  ${describeStep(step, { waitedMs, bytes: seen.step === 'received' ? seen.response.body.length : 0 })}`,
      ...details.map((line) => `  ${line}`),
    ];
    output.write(lines.map((line) => `${paint.dim(`${label}  ${line}`)}\n`).join(''));
  });
}

/** Credentials of earlier requests that a later response may repeat. */
const REMEMBERED = 8;

/** A shorter one would be found in any text. */
const SHORTEST = 12;

function credentialsOf({ headers }: TrafficRequest): readonly string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (!/^(?:proxy-)?authorization$/i.test(name) || typeof value !== 'string') return [];
    const credential = value.slice(value.lastIndexOf(' ') + 1);
    return credential.length < SHORTEST ? [] : [credential];
  });
}

/** A server may repeat what it was sent, whole or in part; patterns recognise a whole token only. */
function withoutEchoes(step: TrafficStep, credentials: readonly string[]): TrafficStep {
  if (step.step !== 'received' || credentials.length === 0) return step;
  const { status, headers, body } = step.response;
  const texts = Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat().join(', ')]],
    ),
  );
  return { ...step, response: withoutEchoedTokens({ status, headers: texts, body }, credentials) };
}

function describeStep(step: TrafficStep, { waitedMs, bytes }: { waitedMs: number; bytes: number }): string {
  const took = `${groupDigits(Math.round(waitedMs))} ms`;
  switch (step.step) {
    case 'sent':
      return `-> ${step.request.method} ${escapeText(redactUrl(step.request.url))}`;
    case 'received':
      return `<- ${step.response.status} in ${took}, ${countOf(bytes, 'byte')}${requestIdOf(step.response)}`;
    case 'probe':
      return `-> ${step.address.includes(':') ? `[${step.address}]` : step.address}:${step.port} ${escapeText(redactText(step.purpose))}`;
    case 'probed':
      return `<- ${escapeText(redactText(step.result))} in ${took}`;
    case 'failed':
      return `<- failed after ${took}: ${escapeText(redactText(step.reason.trim()))}`;
  }
}

/** Names under which servers and proxies return the id of a request. */
const REQUEST_ID_HEADERS = [
  'x-request-id',
  'x-apple-request-uuid',
  'x-apple-jingle-correlation-key',
  'x-correlation-id',
  'x-amzn-requestid',
  'x-vercel-id',
  'cf-ray',
];

function requestIdOf({ headers }: ReceivedResponse): string {
  const name = REQUEST_ID_HEADERS.find((each) => typeof headers[each] === 'string');
  return name === undefined ? '' : `, ${name} ${escapeText(shorten(String(headers[name]), MAX_ID))}`;
}

const MAX_ID = 80;

function describeDetails(step: TrafficStep): readonly string[] {
  if (step.step === 'failed' || step.step === 'probe') return [];
  if (step.step === 'probed') return describeBody(step.bytes);
  const { headers, body }: Pick<TrafficRequest, 'headers' | 'body'> =
    step.step === 'sent' ? step.request : step.response;
  return [...redactHeaders(headers).map((line) => escapeText(cut(line))), ...describeBody(body)];
}

/** More is for a file, not for a terminal. */
const MAX_CHARACTERS = 2_000;

/** One line: line ends are escaped, like everything that a terminal would act on. */
function describeBody(body: Uint8Array | string | null): readonly string[] {
  if (body === null || body.length === 0) return [];
  const text = typeof body === 'string' ? body : readText(body);
  return [text === null ? `(binary, ${countOf(body.length, 'byte')})` : escapeText(cut(redactText(text)))];
}

function readText(body: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
    return text.includes('\0') ? null : text;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function cut(text: string): string {
  if (text.length <= MAX_CHARACTERS) return text;
  return `${text.slice(0, MAX_CHARACTERS).replace(/[\uD800-\uDBFF]$/, '')}… (${groupDigits(text.length)} characters)`;
}
