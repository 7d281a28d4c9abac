import type { Dispatcher } from 'undici';
import { isValidUrl } from '../../address/valid-url.js';
import { ToolError } from '../../errors.js';
import { request } from '../../http/request.js';
import { isJsonObject, parseJsonObject } from '../../jws/json.js';

/** Default ports of ngrok's API: it uses the first free one. Source: ngrok.com/docs/agent/api. */
const API_PORTS: readonly number[] = Array.from({ length: 10 }, (_, index) => 4040 + index);

const API_IN_LOG = /msg="starting web service".*\baddr=(\S+?):(\d{1,5})\b/;

const POLL_MS = 250;

/** Polls that rely on the address in ngrok's log, before trying the default ports, where another agent may listen. */
const POLLS_BEFORE_SEARCH = 8;

const TIMEOUT_MS = 2_000;

const MAX_RESPONSE_BYTES = 256 * 1024;

interface NgrokQuery {
  readonly dispatcher: () => Promise<Dispatcher>;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Local end, `127.0.0.1:4280`: the API may list other tunnels, too. */
  readonly authority: string;
  /** Base URL of the API, once {@link apiInLog} has found it. */
  readonly api: () => string | null;
  readonly signal: AbortSignal;
}

/** Base URL of the API, from ngrok's log: `t=… lvl=info msg="starting web service" obj=web addr=127.0.0.1:4040`. */
export function apiInLog(line: string): string | null {
  const match = API_IN_LOG.exec(line);
  return match === null ? null : `http://${match[1]}:${match[2]}`;
}

/** Polls ngrok's local API for the public URL of the tunnel to `authority`; resolves with null when `signal` aborts. */
export async function queryNgrok(query: NgrokQuery): Promise<string | null> {
  const dispatcher = await query.dispatcher();
  for (let polls = 0; !query.signal.aborted; polls += 1) {
    for (const base of apiCandidates(query.api(), polls)) {
      const origin = await readTunnels(base, query, dispatcher);
      if (origin !== null) return origin;
    }
    await query.sleep(POLL_MS, query.signal);
  }
  return null;
}

function apiCandidates(api: string | null, polls: number): readonly string[] {
  if (api !== null) return [api];
  return polls < POLLS_BEFORE_SEARCH ? [] : API_PORTS.map((port) => `http://127.0.0.1:${port}`);
}

/** Resolves with null if the API is not up yet or belongs to another program; it is polled again. */
async function readTunnels(base: string, query: NgrokQuery, dispatcher: Dispatcher): Promise<string | null> {
  const { sleep, signal, authority } = query;
  const url = new URL('/api/tunnels', base);
  const options = { timeoutMs: TIMEOUT_MS, maxBodyBytes: MAX_RESPONSE_BYTES, sleep, signal };
  try {
    const response = await request({ dispatcher, method: 'GET', url, ...options });
    return response.status === 200 ? tunnelTo(authority, parseJsonObject(response.body)) : null;
  } catch (error) {
    if (error instanceof ToolError) return null;
    throw error;
  }
}

/** Public URL, preferably https, of the tunnel to `authority` in a response of `GET /api/tunnels`. */
export function tunnelTo(authority: string, answer: unknown): string | null {
  const tunnels = isJsonObject(answer) && Array.isArray(answer.tunnels) ? (answer.tunnels as readonly unknown[]) : [];
  const origins = tunnels.flatMap((tunnel) => {
    if (!isJsonObject(tunnel) || !isJsonObject(tunnel.config)) return [];
    const { public_url: url } = tunnel;
    return pointsTo(tunnel.config.addr, authority) && typeof url === 'string' && isValidUrl(url) ? [new URL(url)] : [];
  });
  const best = origins.find(({ protocol }) => protocol === 'https:') ?? origins[0];
  return best === undefined ? null : best.origin;
}

/** ngrok writes `http://127.0.0.1:4280`, older ones `127.0.0.1:4280` or `localhost:4280`. */
function pointsTo(address: unknown, authority: string): boolean {
  return typeof address === 'string' && address.replace(/^https?:\/\//, '').replace(/\/$/, '') === authority;
}
