import { isJsonObject, parseJson } from '../../jws/json.js';
import { buildDocument, buildLegacyDocument } from '../../notification/build-document.js';
import { EVENTS } from '../../notification/catalogue/events.js';
import type { PayloadDocument } from '../../notification/document.js';
import { viewHeader } from '../../notification/header-view.js';
import { OUTER_PATH, openPayload } from '../../notification/open.js';
import { REASONS } from '../../notification/reasons.js';
import { FORGEABLE_REASONS } from '../../simulator/forgeries/forge.js';
import { SCENARIOS } from '../../simulator/scenarios/scenarios.js';
import type { PreparedNotification } from './build.js';
import type { Route } from './deliver.js';
import type { LikeSelection, TriggerRequest } from './load.js';
import { type Outcome, outcomeWord, type TriggerTally } from './outcome.js';

/** Document of `trigger --json` without a type: types, scenarios, forgeries. */
export function buildCatalogue(): object {
  return {
    types: EVENTS.map(({ type, subtype, title, meaning }) => ({ type, subtype, title, meaning })),
    scenarios: SCENARIOS.map(({ name, title, events }) => ({ name, title, events })),
    forgeries: FORGEABLE_REASONS.map((reason) => ({ reason, title: REASONS[reason].title })),
  };
}

interface RunFacts extends Pick<Route, 'request'> {
  /** Null with --print. */
  readonly target: string | null;
  readonly signer: Route['signer'];
  /** What is odd about the values that were set. */
  readonly remarks: Iterable<string>;
}

/** Document of a run. `root` is the SHA-256 of the signing root; null if the emulator signed. */
export function buildRun(
  { request, target, signer, remarks }: RunFacts,
  documents: readonly unknown[],
  tally: TriggerTally | null,
): object {
  return {
    to: target,
    ...namesOf(request),
    environment: request.app.environment,
    root: signer === null ? null : signer.authority.root.fingerprint256.replaceAll(':', ''),
    remarks: [...remarks],
    ...(tally === null ? {} : { counts: tally }),
    notifications: documents,
  };
}

function namesOf({ selection }: TriggerRequest): object {
  return {
    scenario: selection.kind === 'scenario' ? selection.name : selection.kind === 'story' ? selection.source : null,
    forge: selection.kind === 'forgery' ? selection.reason : null,
    ...(selection.kind === 'like' ? likeNames(selection) : {}),
  };
}

function likeNames({ originals, scrubbed }: LikeSelection): object {
  return {
    like: originals.map(({ source, verification }) => ({
      source,
      verdict: verification?.verdict ?? null,
      reason: verification?.reason ?? null,
    })),
    ...(scrubbed === null ? {} : { scrubbed }),
  };
}

/** Document of a notification with its JWS, so that `replay` can send it again. */
export function documentOfNotification(notification: PreparedNotification): object {
  return { ...documentOf(notification), ...positionOf(notification) };
}

/** The same with its delivery. `appleRetries` holds Apple's retry and its delay in milliseconds. */
export function documentOfOutcome(outcome: Outcome): object {
  const { notification, target, result, httpStatus, ms, detail, answer, retry } = outcome;
  const deliveries = [{ target, attempt: 1, httpStatus, ms, outcome: outcomeWord(outcome) }];
  return {
    ...documentOf(notification),
    ...positionOf(notification),
    deliveries,
    sendAttemptResult: result,
    detail,
    answer,
    appleRetries: retry,
  };
}

function positionOf({ step, forged }: PreparedNotification): object {
  return { ...(step === null ? {} : { step }), ...(forged === null ? {} : { forged }) };
}

const ORIGIN = { source: 'trigger', repaired: [] };

function documentOf({ signedPayload }: PreparedNotification): PayloadDocument {
  if (signedPayload.startsWith('{')) {
    const body = parseJson(signedPayload);
    if (isJsonObject(body)) return buildLegacyDocument(ORIGIN, body, null);
  }
  const document = buildDocument(ORIGIN, openPayload(signedPayload), null, { raw: false, headerView: viewHeader });
  const tokens = document.tokens.map((token) => (token.path === OUTER_PATH ? { ...token, jws: signedPayload } : token));
  return { ...document, tokens };
}
