import type { HttpResponse } from '../http/request.js';
import type { HttpTarget, TargetFinding } from './target.js';

/**
 * Finds a defect of a target in its response: an accepted notification got an HTML page, or a guard, gateway or tunnel answered instead of the
 * handler. Null for the usual answer of a handler, which costs nothing, and for RevenueCat and Qonversion, whose answers are known.
 */
export async function findInResponse(
  response: HttpResponse,
  target: Pick<HttpTarget, 'name' | 'url' | 'shown' | 'service'>,
): Promise<TargetFinding | null> {
  const { status } = response;
  const isPage = isHtml(response);
  if (target.service !== null || (isAccepted(status) && !isPage)) return null;
  const guard = await findGuard(response, target);
  if (guard !== null || !isAccepted(status)) return guard;
  return {
    code: 'TARGET_HTML',
    message: `${target.name} answered ${status} with an HTML page: probably no handler received it (storewire check ${checkable(target)})`,
  };
}

function isAccepted(status: number): boolean {
  return status >= 200 && status < 300;
}

/** `shown` of a public target ends in `…`. */
function checkable({ shown }: Pick<HttpTarget, 'shown'>): string {
  return shown.includes('…') ? 'URL' : shown;
}

const HTML_START = /^(?:\uFEFF|\s)*<(?:!doctype\s+html|html)[\s>]/i;

function isHtml({ headers, body }: HttpResponse): boolean {
  const type = headers['content-type'];
  if (type !== undefined) return /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(type) && body.length > 0;
  return HTML_START.test(Buffer.from(body.subarray(0, 100)).toString('utf8'));
}

async function findGuard(
  { status, headers, body }: HttpResponse,
  { name, url }: Pick<HttpTarget, 'name' | 'url'>,
): Promise<TargetFinding | null> {
  // Loaded here: most targets answer in a way that needs no table.
  const { adviseOnIntermediary, identifyIntermediary } = await import('../intermediary/identify.js');
  const evidence = { status, headers, body: Buffer.from(body).toString('utf8'), visited: [url] };
  const found = identifyIntermediary(evidence);
  if (found === null) return null;
  const certainty = found.isCertain ? '' : ', or your handler in the same words';
  const message = `${name} answered ${status}: ${found.name}${certainty}. ${adviseOnIntermediary(found, new URL(url))}`;
  return { code: 'TARGET_GUARD', message };
}
