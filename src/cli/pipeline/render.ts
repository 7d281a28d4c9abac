import { Chalk } from 'chalk';
import type { PayloadDocument } from '../../notification/document.js';
import { describeDocument } from '../render/document.js';
import { documentToJsonLine } from '../render/document-json.js';
import { describeLine } from '../render/line.js';
import { describeVerification } from '../render/verification.js';
import type { Job } from './job.js';

/** A document to the text of its job; `alone`: the one payload of the run, which gets the long view. */
export type Renderer = (document: PayloadDocument, alone: boolean) => string;

export function createRenderer({ output, verify, view: { columns, level, nowMs } }: Job): Renderer {
  if (output === 'none') return () => '';
  if (output === 'json') return documentToJsonLine;
  const view = { paint: new Chalk({ level }), columns, nowMs };
  const isFull = output === 'full';
  return (document, alone) => {
    if (!alone && !isFull) return describeLine(document, view);
    const long = { ...view, showSource: !alone };
    return verify === null
      ? describeDocument(document, { ...long, verified: false })
      : describeVerification(document, { ...long, verbose: isFull });
  };
}
