import { Chalk } from 'chalk';
import type { PayloadDocument } from '../../notification/document.js';
import type { Job } from './job.js';

/** A document to the text of its job; `alone`: the one payload of the run, which gets the long view. */
export type Renderer = (document: PayloadDocument, alone: boolean) => string;

/** Loads the views that this job prints with: the words for payloads are half of the program. */
export async function loadRenderer({ output, verify, view: { columns, level, nowMs } }: Job): Promise<Renderer> {
  if (output === 'none') return () => '';
  if (output === 'json') {
    const { documentToJsonLine } = await import('../render/document-json.js');
    return documentToJsonLine;
  }
  const view = { paint: new Chalk({ level }), columns, nowMs };
  const { describeLine } = await import('../render/line.js');
  const describe = verify === null ? await loadDecodeView() : await loadVerifyView(output === 'full');
  return (document, alone) =>
    alone || output === 'full' ? describe(document, { ...view, showSource: !alone }) : describeLine(document, view);
}

async function loadDecodeView() {
  const { describeDocument } = await import('../render/document.js');
  type View = Omit<Parameters<typeof describeDocument>[1], 'verified'>;
  return (document: PayloadDocument, view: View) => describeDocument(document, { ...view, verified: false });
}

async function loadVerifyView(verbose: boolean) {
  const { describeVerification } = await import('../render/verification.js');
  type View = Omit<Parameters<typeof describeVerification>[1], 'verbose'>;
  return (document: PayloadDocument, view: View) => describeVerification(document, { ...view, verbose });
}
