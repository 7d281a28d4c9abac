import type {
  InspectorDetail,
  InspectorError,
  InspectorPage,
  ReplayReply,
  TriggerCommand,
  TriggerReply,
} from '../../wire.js';
import { requestOwn } from './browser.js';

/** A request that has no answer. `status`: null where the server did not respond. Texts are shown as they are. */
export class ApiError extends Error {
  constructor(
    readonly status: number | null,
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }

  /** The server runs with another token than this page has. */
  get isRefused(): boolean {
    return this.status === 401;
  }
}

const NOT_RESPONDING = new ApiError(null, 'storewire does not respond', 'Is it still running in the terminal?');

/** The API of the page's server. Every method throws {@link ApiError}. */
export class ApiClient {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  async readPage(query: string, offset: number, limit: number): Promise<InspectorPage> {
    const words = new URLSearchParams({ q: query, offset: String(offset), limit: String(limit) });
    return (await this.#send(`/api/notifications?${words}`)).json();
  }

  async readDetail(id: string): Promise<InspectorDetail> {
    return (await this.#send(`/api/notifications/${encodeURIComponent(id)}`)).json();
  }

  async replay(id: string, target: string): Promise<ReplayReply> {
    return (await this.#post(`/api/notifications/${encodeURIComponent(id)}/replay`, { target })).json();
  }

  async trigger(command: TriggerCommand): Promise<TriggerReply> {
    return (await this.#post('/api/trigger', command)).json();
  }

  /** The open stream of events; ends when the server does, or `signal` aborts it. */
  async openEvents(lastEventId: string | null, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const resume: Record<string, string> = lastEventId === null ? {} : { 'last-event-id': lastEventId };
    const { body } = await this.#send('/api/events', { signal, headers: { accept: 'text/event-stream', ...resume } });
    if (body === null) throw NOT_RESPONDING;
    return body;
  }

  #post(path: `/${string}`, body: unknown): Promise<Response> {
    return this.#send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async #send(path: `/${string}`, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    let response: Response;
    try {
      response = await requestOwn(path, {
        ...init,
        headers: { ...init.headers, authorization: `Bearer ${this.#token}` },
      });
    } catch (cause) {
      if (init.signal?.aborted) throw cause;
      throw NOT_RESPONDING;
    }
    if (response.ok) return response;
    throw await readError(response);
  }
}

async function readError(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const { error } = (body ?? {}) as Partial<InspectorError>;
  return new ApiError(
    response.status,
    error?.message ?? `the server responded with status ${response.status}`,
    error?.hint ?? '',
  );
}
