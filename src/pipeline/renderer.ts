import { describeDocument } from '../document-view/document.js';
import type { Hints } from '../document-view/line.js';
import type { PayloadDocument } from '../notification/document.js';
import { paintAt } from '../terminal/paint.js';
import type { Job } from './job.js';

/** A document to the text of its job; `alone`: the one payload of the run, which gets the long view. */
export interface Renderer {
  render(document: PayloadDocument): string;
  /** Adds the hints that the text leaves out. */
  collectHints(hints: Hints, document: PayloadDocument): Hints;
}

/** `isAlone`: the run has one payload, which gets the long view. Each view is loaded on use: start-up pays for every module. */
export async function openRenderer({ output, verify, view: jobView }: Job, isAlone: boolean): Promise<Renderer> {
  const collectHints = (hints: Hints): Hints => hints;
  if (output === 'none') return { render: () => '', collectHints };
  if (output === 'json') {
    const { documentToJsonLine } = await import('../document-view/json.js');
    return { render: documentToJsonLine, collectHints };
  }
  if (output === 'purchase') {
    const { purchasePartsToJsonLine } = await import('../document-view/purchase-json.js');
    return { render: purchasePartsToJsonLine, collectHints };
  }
  const { columns, level, nowMs } = jobView;
  const view = { paint: await paintAt(level), columns, nowMs };
  if (output === 'lines' && !isAlone) {
    const { addHints, describeLine } = await import('../document-view/line.js');
    return { render: (document) => describeLine(document, view), collectHints: addHints };
  }
  const long = { ...view, verbose: output === 'full', showSource: !isAlone };
  if (verify === null)
    return { render: (document) => describeDocument(document, { ...long, verified: false }), collectHints };
  const { describeVerification } = await import('../document-view/verification.js');
  return { render: (document) => describeVerification(document, { ...long, namesFlags: true }), collectHints };
}
