import { documentOf } from '../journal/document.js';
import type { ReceiptRecord } from '../journal/record.js';
import { stringifyJson } from '../jws/json.js';
import { createEngine } from '../notification/engine.js';
import type { JudgeOptions } from './options.js';

/** The document of a receipt as one line of JSON, for programs. */
export type DocumentWriter = (receipt: ReceiptRecord) => string;

/** The place of a record that is at hand and need not be looked up. */
const NOWHERE = { file: 0, offset: 0, bytes: 0 };

export function createDocumentWriter({ roots, expectations }: JudgeOptions): DocumentWriter {
  const engine = createEngine(roots);
  return ({ body, ...receipt }) => {
    const { answered } = receipt;
    const entry = { type: 'receipt', receipt, location: NOWHERE, answered, deliveries: [] } as const;
    return `${stringifyJson(documentOf(entry, Buffer.from(body, 'utf8'), engine, expectations))}\n`;
  };
}
