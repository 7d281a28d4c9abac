import { isJsonObject, parseJson } from '../../jws/json.js';
import { buildDocument, buildLegacyDocument } from '../../notification/build-document.js';
import { EVENTS } from '../../notification/catalogue/events.js';
import type { PayloadDocument } from '../../notification/document.js';
import { OUTER_PATH, openPayload } from '../../notification/open.js';
import { REASONS } from '../../notification/reasons.js';
import { FORGEABLE_REASONS } from '../../simulator/forgeries/forge.js';
import { SCENARIOS } from '../../simulator/scenarios/scenarios.js';
import type { PreparedNotification } from './build.js';
import type { Route } from './deliver.js';
import { type Outcome, outcomeWord, type Tally } from './outcome.js';
import type { TriggerRequest } from './request.js';

/** What `trigger --json` lists without a type. */
export function buildCatalogue(): object {
  return {
    types: EVENTS.map(({ type, subtype, title, meaning }) => ({ type, subtype, title, meaning })),
    scenarios: SCENARIOS.map(({ name, title, events }) => ({ name, title, events })),
    forgeries: FORGEABLE_REASONS.map((reason) => ({ reason, title: REASONS[reason].title })),
  };
}

interface RunFacts extends Pick<Route, 'order'> {
  /** Null where nothing was sent. */
  readonly target: string | null;
  readonly signer: Route['signer'];
}

/** The one document of a run. `root` is the SHA-256 of what was signed under; null where the emulator signed. */
export function buildRun(
  { order, target, signer }: RunFacts,
  documents: readonly unknown[],
  tally: Tally | null,
): object {
  return {
    to: target,
    ...nameOf(order),
    environment: order.app.environment,
    root: signer === null ? null : signer.authority.root.fingerprint256.replaceAll(':', ''),
    ...(tally === null ? {} : { counts: tally }),
    notifications: documents,
  };
}

function nameOf({ what }: TriggerRequest): object {
  return {
    scenario: what.kind === 'scenario' ? what.name : null,
    forge: what.kind === 'forgery' ? what.reason : null,
  };
}

/** A notification that was made: the document of its payload with its JWS, so that `replay` can send it again. */
export function documentOfMade(made: PreparedNotification): object {
  return { ...documentOf(made), ...storyOf(made) };
}

/** The same with what became of it; `appleRetries` says whether Apple would send it again, and after how many milliseconds. */
export function documentOfOutcome(outcome: Outcome): object {
  const { made, target, result, httpStatus, ms, detail, answer, retry } = outcome;
  const deliveries = [{ target, attempt: 1, httpStatus, ms, outcome: outcomeWord(outcome) }];
  return {
    ...documentOf(made),
    ...storyOf(made),
    deliveries,
    sendAttemptResult: result,
    detail,
    answer,
    appleRetries: retry,
  };
}

function storyOf({ step, forged }: PreparedNotification): object {
  return { ...(step === null ? {} : { step }), ...(forged === null ? {} : { forged }) };
}

const ORIGIN = { source: 'trigger', repaired: [] };

function documentOf({ signedPayload }: PreparedNotification): PayloadDocument {
  if (signedPayload.startsWith('{')) {
    const body = parseJson(signedPayload);
    if (isJsonObject(body)) return buildLegacyDocument(ORIGIN, body, null);
  }
  const document = buildDocument(ORIGIN, openPayload(signedPayload), null, { raw: false });
  const tokens = document.tokens.map((token) => (token.path === OUTER_PATH ? { ...token, jws: signedPayload } : token));
  return { ...document, tokens };
}
