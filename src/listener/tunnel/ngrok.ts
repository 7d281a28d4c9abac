import type { Dispatcher } from 'undici';
import { ToolError } from '../../errors.js';
import { request } from '../../http/request.js';
import { isJsonObject, parseJsonObject } from '../../jws/json.js';

/** ngrok serves its API on the first of these that is free, unless its settings say otherwise. Source: ngrok.com/docs/agent/api. */
const API_PORTS: readonly number[] = Array.from({ length: 10 }, (_, index) => 4040 + index);

const API_IN_LOG = /msg="starting web service".*\baddr=(\S+?):(\d{1,5})\b/;

const POLL_MS = 250;

/** Until then its own log tells where its API is; another agent may sit at the usual place. */
const POLLS_BEFORE_SEARCH = 8;

const ANSWER_MS = 2_000;

const LARGEST_ANSWER = 256 * 1024;

interface NgrokQuestion {
  readonly dispatcher: () => Promise<Dispatcher>;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** `127.0.0.1:4280`: other agents on this machine may have tunnels too. */
  readonly authority: string;
  /** Where the API is, as far as {@link apiInLog} has read it. */
  readonly api: () => string | null;
  readonly signal: AbortSignal;
}

/** The address of the API that ngrok writes to its log: `t=… lvl=info msg="starting web service" obj=web addr=127.0.0.1:4040`. */
export function apiInLog(line: string): string | null {
  const match = API_IN_LOG.exec(line);
  return match === null ? null : `http://${match[1]}:${match[2]}`;
}

/** Asks ngrok's local API until it names the https tunnel to us, or until `signal` aborts, then null. */
export async function askNgrok(question: NgrokQuestion): Promise<string | null> {
  const dispatcher = await question.dispatcher();
  for (let polls = 0; !question.signal.aborted; polls += 1) {
    for (const base of placesToAsk(question.api(), polls)) {
      const origin = await readTunnels(base, question, dispatcher);
      if (origin !== null) return origin;
    }
    await question.sleep(POLL_MS, question.signal);
  }
  return null;
}

function placesToAsk(api: string | null, polls: number): readonly string[] {
  if (api !== null) return [api];
  return polls < POLLS_BEFORE_SEARCH ? [] : API_PORTS.map((port) => `http://127.0.0.1:${port}`);
}

/** An API that is not there yet, or belongs to something else, is no failure: it is asked again. */
async function readTunnels(base: string, question: NgrokQuestion, dispatcher: Dispatcher): Promise<string | null> {
  const { sleep, signal, authority } = question;
  const url = new URL('/api/tunnels', base);
  const options = { timeoutMs: ANSWER_MS, maxBodyBytes: LARGEST_ANSWER, sleep, signal };
  try {
    const answer = await request({ dispatcher, method: 'GET', url, ...options });
    return answer.status === 200 ? tunnelTo(authority, parseJsonObject(answer.body)) : null;
  } catch (error) {
    if (error instanceof ToolError) return null;
    throw error;
  }
}

/** The public URL, https for choice, of a tunnel to this address in an answer of `GET /api/tunnels`. */
export function tunnelTo(authority: string, answer: unknown): string | null {
  const tunnels = isJsonObject(answer) && Array.isArray(answer.tunnels) ? (answer.tunnels as readonly unknown[]) : [];
  const origins = tunnels.flatMap((tunnel) => {
    if (!isJsonObject(tunnel) || !isJsonObject(tunnel.config)) return [];
    const { public_url: url } = tunnel;
    return leadsTo(tunnel.config.addr, authority) && typeof url === 'string' && URL.canParse(url) ? [new URL(url)] : [];
  });
  const best = origins.find(({ protocol }) => protocol === 'https:') ?? origins[0];
  return best === undefined ? null : best.origin;
}

/** ngrok writes `http://127.0.0.1:4280`, older ones `127.0.0.1:4280` or `localhost:4280`. */
function leadsTo(address: unknown, authority: string): boolean {
  return typeof address === 'string' && address.replace(/^https?:\/\//, '').replace(/\/$/, '') === authority;
}
