import { ToolError } from '../../errors.js';
import { isJsonObject, type JsonObject, tryParseJson } from '../../jws/json.js';
import type { PayloadDocument } from '../../notification/document.js';
import { buildCurl } from '../curl.js';
import { purchaseIdOf } from '../sources/rows.js';
import type { NotificationSource } from '../sources/source.js';
import type { InspectorDetail, InspectorPage, InspectorSetup, ReplayReply, TriggerReply } from '../wire.js';
import type { AccessGuard } from './access.js';
import type { LiveFeed } from './live-feed.js';
import { errorReply, type PageReply, pageJson, SAFE_HEADERS } from './replies.js';

/** What the layers above do for the page. Each throws ToolError where it cannot. */
export interface RouteOptions {
  readonly source: NotificationSource;
  readonly feed: LiveFeed;
  readonly guard: AccessGuard;
  setup(): Promise<InspectorSetup>;
  /** Words of `decode` or `verify`, without colours. */
  summarize(document: PayloadDocument): string;
  /** SVG of one purchase, `width` in CSS pixels; null where nothing can be drawn. */
  drawTimeline(documents: readonly PayloadDocument[], document: PayloadDocument, width: number): Promise<string | null>;
  replay(id: string, target: string): Promise<ReplayReply>;
  trigger(command: JsonObject): Promise<TriggerReply>;
}

interface Route {
  readonly takesBody: boolean;
  answer(url: URL, body: string): Promise<PageReply>;
}

export interface Routes {
  /** The route of a path, or the reply where there is none. */
  find(method: string, pathname: string): Route | PageReply;
}

interface RoutePattern {
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  answer(id: string, url: URL, body: string): Promise<PageReply>;
}

const DEFAULT_LIMIT = 100;

const MAX_LIMIT = 1_000;

const MAX_QUERY = 1_000;

/** Of a timeline, in CSS pixels. */
const [MIN_WIDTH, USUAL_WIDTH, MAX_WIDTH] = [480, 960, 1_200];

/** Routes behind the token; `/` and `/api/events` are the server's own. */
export function createRoutes(options: RouteOptions): Routes {
  const { source, feed } = options;
  const list = async (url: URL): Promise<PageReply> => {
    await feed.refresh();
    const query = (url.searchParams.get('q') ?? '').slice(0, MAX_QUERY);
    const offset = countOfParameter(url, 'offset', 0, Number.MAX_SAFE_INTEGER);
    const limit = countOfParameter(url, 'limit', DEFAULT_LIMIT, MAX_LIMIT);
    if (offset === null || limit === null) return badRequest('offset and limit must be whole numbers');
    const setup = await feed.readSetup();
    const { eventId } = feed;
    const { total, rows } = await source.list(query, { offset, limit });
    source.prepareSearch();
    const page: InspectorPage = { eventId, total, offset, rows, setup };
    return pageJson(200, page);
  };
  const patterns: readonly RoutePattern[] = [
    { method: 'GET', path: /^\/api\/notifications$/, answer: (_id, url) => list(url) },
    { method: 'GET', path: /^\/api\/notifications\/([^/]+)$/, answer: (id) => showDetail(id, options) },
    { method: 'GET', path: /^\/api\/timeline\/([^/]+)\.svg$/, answer: (id, url) => showTimeline(id, url, options) },
    {
      method: 'POST',
      path: /^\/api\/notifications\/([^/]+)\/replay$/,
      answer: async (id, _url, body) => {
        const target = parseCommand(body)?.target;
        if (typeof target !== 'string') return badRequest('the body must be {"target": NAME}');
        await feed.refresh();
        if (source.rowOf(id) === null) return unknownNotification();
        return reportFailure(async () => pageJson(200, await options.replay(id, target)));
      },
    },
    {
      method: 'POST',
      path: /^\/api\/trigger$/,
      answer: async (_id, _url, body) => {
        const command = parseCommand(body);
        if (command === null) return badRequest('the body must be a JSON object');
        await feed.refresh();
        return reportFailure(async () => pageJson(200, await options.trigger(command)));
      },
    },
  ];
  return {
    find(method, pathname) {
      const found = patterns.filter(({ path }) => path.test(pathname));
      const pattern = found.find((each) => each.method === (method === 'HEAD' ? 'GET' : method));
      if (pattern !== undefined) {
        const [, id = ''] = pattern.path.exec(pathname) ?? [];
        return {
          takesBody: pattern.method === 'POST',
          answer: (url, body) => pattern.answer(id, url, body),
        };
      }
      if (found.length === 0) return errorReply(404, 'ERR_INSPECT_REQUEST', 'no such page');
      const reply = errorReply(405, 'ERR_INSPECT_REQUEST', 'method not allowed');
      return { ...reply, headers: { ...reply.headers, allow: found.map((each) => each.method).join(', ') } };
    },
  };
}

async function showDetail(id: string, options: RouteOptions): Promise<PageReply> {
  const { source, feed, guard } = options;
  await feed.refresh();
  const opened = source.open(id);
  if (opened === null) return unknownNotification();
  const { row, document, body, canBeSent, responses } = opened;
  const { listenUrl } = await options.setup();
  const purchaseId = purchaseIdOf(document);
  const timelinePath = `/api/timeline/${id}.svg`;
  const { verification } = document;
  const detail: InspectorDetail = {
    // As verified now: the list has what was recorded.
    row: verification === undefined ? row : { ...row, verdict: verification.verdict, reason: verification.reason },
    document,
    summary: options.summarize(document),
    body: body === null ? null : Buffer.from(body).toString('utf8'),
    curl: body === null || !canBeSent ? null : buildCurl(body, listenUrl),
    purchaseId,
    timelineUrl: purchaseId === null ? null : `${timelinePath}?ticket=${guard.ticketFor(timelinePath)}`,
    responses,
  };
  return pageJson(200, detail);
}

async function showTimeline(id: string, url: URL, { source, feed, drawTimeline }: RouteOptions): Promise<PageReply> {
  await feed.refresh();
  const width = countOfParameter(url, 'w', USUAL_WIDTH, MAX_WIDTH);
  if (width === null) return badRequest('w must be a whole number');
  const opened = source.open(id);
  if (opened === null) return unknownNotification();
  const svg = await drawTimeline(source.purchaseDocuments(id), opened.document, Math.max(MIN_WIDTH, width));
  if (svg === null) return errorReply(404, 'ERR_INSPECT_ID', 'this notification belongs to no purchase');
  const headers = {
    ...SAFE_HEADERS,
    'content-type': 'image/svg+xml; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
  };
  return { status: 200, headers, body: svg };
}

function unknownNotification(): PageReply {
  return errorReply(404, 'ERR_INSPECT_ID', 'no notification has this id', 'Read the list again.');
}

function badRequest(message: string): PageReply {
  return errorReply(400, 'ERR_INSPECT_REQUEST', message);
}

function countOfParameter(url: URL, name: string, whenAbsent: number, most: number): number | null {
  const text = url.searchParams.get(name);
  if (text === null) return whenAbsent;
  return /^\d{1,15}$/.test(text) ? Math.min(Number(text), most) : null;
}

/** Losslessly: an edited payload may hold integers beyond 2^53. */
function parseCommand(body: string): JsonObject | null {
  const value = tryParseJson(body);
  return value !== undefined && isJsonObject(value) ? value : null;
}

/** An error that the user can act on is a reply; anything else is a bug, which the server reports. */
async function reportFailure(answer: () => Promise<PageReply>): Promise<PageReply> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return errorReply(error.kind === 'remote' ? 502 : 422, error.code, error.message, error.hint);
  }
}
