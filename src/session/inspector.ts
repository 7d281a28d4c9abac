import packageJson from '../../package.json' with { type: 'json' };
import { describeDocument } from '../document-view/document.js';
import { repeatAnswer } from '../document-view/headline.js';
import { describeVerification } from '../document-view/verification.js';
import { ToolError } from '../errors.js';
import { readPageAssets } from '../inspector/http/page-assets.js';
import { type Inspector, type InspectorOptions, startInspector } from '../inspector/http/server.js';
import { purchaseIdOf } from '../inspector/sources/rows.js';
import type { InspectorSetup } from '../inspector/wire.js';
import type { PayloadDocument } from '../notification/document.js';
import { resolveApp } from '../settings/resolve-app.js';
import type { View } from '../terminal/layout.js';
import { PLAIN_PAINT } from '../terminal/paint.js';
import { createInspectorReplay, type InspectorReplayDeps, type InspectorReplayOptions } from './inspector-replay.js';
import { createInspectorTrigger } from './inspector-trigger.js';

/** The listener that samples and edited notifications go to. */
export interface InspectedListener {
  readonly url: string;
  readonly publicUrl: string | null;
  /** It accepts the test authority. */
  readonly trustsTrigger: boolean;
}

export interface InspectorSessionOptions extends InspectorReplayOptions {
  readonly kind: InspectorSetup['source'];
  /** Undefined: the usual one, or a free one where it is taken. */
  readonly port: number | undefined;
  /** The running listener; null where there is none. */
  findListener(): Promise<InspectedListener | null>;
  readonly onError: (error: unknown) => void;
  /** A note for the user. */
  readonly say: (text: string) => void;
}

/** Next to that of `listen`. */
const USUAL_PORT = 4281;

export type InspectorDeps = InspectorReplayDeps;

/** The page wraps the summary itself, at the width that it has. */
const COLUMNS = Number.POSITIVE_INFINITY;

/** Starts the local page of `inspect` and `listen`. Throws usage `ERR_INSPECT_PORT` and `ERR_INSPECT_PAGE`. */
export async function openInspector(options: InspectorSessionOptions, deps: InspectorDeps): Promise<Inspector> {
  const { source, kind, targets, findListener, onError, open, say } = options;
  const { SIMULATED_EVENTS } = await import('../simulator/payloads/events.js');
  const types = SIMULATED_EVENTS.map(({ type, subtype }) => (subtype === null ? type : `${type}.${subtype}`));
  const setup = async (): Promise<InspectorSetup> => {
    const listener = await findListener();
    const whyNotTrigger = describeObstacle(listener);
    return {
      version: packageJson.version,
      source: kind,
      listenUrl: listener?.url ?? null,
      publicUrl: listener?.publicUrl ?? null,
      targets: targets.map(({ name }) => name),
      canTrigger: whyNotTrigger === null,
      whyNotTrigger,
      types,
    };
  };
  const requireListener = async (): Promise<string> => {
    const listener = await findListener();
    const obstacle = describeObstacle(listener);
    if (listener === null || obstacle !== null)
      throw new ToolError('usage', 'ERR_INSPECT_LISTENER', obstacle ?? NO_LISTENER);
    return listener.url;
  };
  const inspector: Omit<InspectorOptions, 'port'> = {
    ...{ source, setup, onError },
    page: readPageAssets(),
    summarize: (document) =>
      describeInspected(document, { paint: PLAIN_PAINT, columns: COLUMNS, nowMs: deps.now(), isPage: true }),
    drawTimeline: (documents, document, width) => drawTimeline(documents, document, { width, nowMs: deps.now() }),
    replay: createInspectorReplay(options, deps),
    trigger: createInspectorTrigger({ source, open, app: resolveApp(open), requireListener }, deps),
    ...{ sleep: deps.sleep, random: deps.random, userId: deps.userId },
  };
  if (options.port !== undefined) return startInspector({ ...inspector, port: options.port });
  try {
    return await startInspector({ ...inspector, port: USUAL_PORT });
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== 'ERR_INSPECT_PORT') throw error;
    say(
      `Port ${USUAL_PORT} is in use: the page is at another one. To choose it: ${kind === 'listen' ? '--inspect' : '--port'} PORT.`,
    );
    return startInspector({ ...inspector, port: 0 });
  }
}

const NO_LISTENER = 'No listener runs in this project: storewire listen --trust-authority';

const UNTRUSTED = 'The listener does not trust the test authority: restart it with storewire listen --trust-authority';

/** Why no sample can be sent, with the next step; null where it can. */
function describeObstacle(listener: InspectedListener | null): string | null {
  if (listener === null) return NO_LISTENER;
  return listener.trustsTrigger ? null : UNTRUSTED;
}

/** The words of `verify` where something failed, then those of `decode`. `isPage`: the answer is not repeated below, as on a terminal. */
export function describeInspected(document: PayloadDocument, lines: View & { readonly isPage?: boolean }): string {
  const { verification, recognised } = document;
  const view = { ...lines, verbose: false, showSource: false, verified: verification !== undefined };
  if (verification === undefined || verification.verdict === 'valid') return describeDocument(document, view);
  if (recognised !== undefined && recognised.format !== 'decoded-payload') return describeVerification(document, view);
  const verdict = describeVerification(document, { ...view, isAboveDocument: true });
  // The verdict names what could not be opened, and says what was recognised.
  const { problems: _problems, recognised: _recognised, ...decoded } = document;
  const below = describeDocument(decoded, { ...view, isPage: true });
  const text = below.trim() === '' ? verdict : `${verdict}\n${below}`;
  return lines.isPage === true ? text : repeatAnswer(text, [verdict.slice(0, verdict.indexOf('\n'))]);
}

/** The purchase that a document belongs to, of those in the documents; null where it belongs to none. */
async function drawTimeline(
  documents: readonly PayloadDocument[],
  document: PayloadDocument,
  { width, nowMs }: { readonly width: number; readonly nowMs: number },
): Promise<string | null> {
  const [{ foldPurchases }, { drawPurchaseSvg }] = await Promise.all([
    import('../purchase/fold-purchases.js'),
    import('../purchase-view/svg.js'),
  ]);
  const { purchases } = foldPurchases(documents, { asOfMs: nowMs });
  const id = purchaseIdOf(document);
  const purchase = purchases.find((each) => each.id === id) ?? purchases[0];
  return purchase === undefined ? null : drawPurchaseSvg(purchase, { width });
}
