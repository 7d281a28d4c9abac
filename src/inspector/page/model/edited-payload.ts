import type { PayloadDocument } from '../../../notification/document.js';
import type { TriggerCommand } from '../../wire.js';

const PARTS = ['notification', 'transaction', 'renewalInfo'] as const;

/** Fields of `data` that hold the signed parts: they are signed again from `transaction` and `renewalInfo`. */
const SIGNED_PARTS = ['signedTransactionInfo', 'signedRenewalInfo'];

/** True for a document that the editor can change and the server sign again. */
export function isEditable(document: PayloadDocument): boolean {
  return document.kind === 'notification' && document.notification !== undefined;
}

/** The decoded payloads as JSON text for the editor, without the tokens within. */
export function editorText(document: PayloadDocument): string {
  const parts = PARTS.flatMap((part) => (document[part] === undefined ? [] : [[part, document[part]] as const]));
  return JSON.stringify(
    Object.fromEntries(parts),
    (key, value: unknown) => (SIGNED_PARTS.includes(key) ? undefined : value),
    2,
  );
}

/** The command that an edited text makes, or the defect of the text in one sentence. */
export type EditedPayload =
  | { readonly command: TriggerCommand; readonly defect: null }
  | { readonly command: null; readonly defect: string };

/** Reads the text of the editor. Checks the shape only: whether Apple would send it is not for the page to say. */
export function readEdited(text: string, like: string): EditedPayload {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { command: null, defect: `not valid JSON: ${(error as SyntaxError).message}` };
  }
  if (!isObject(value)) return { command: null, defect: 'the text must be a JSON object' };
  const unknown = Object.keys(value).find((key) => !PARTS.some((part) => part === key));
  if (unknown !== undefined) return { command: null, defect: `${unknown} is none of ${PARTS.join(', ')}` };
  const wrong = PARTS.find((part) => value[part] !== undefined && !isObject(value[part]));
  if (wrong !== undefined) return { command: null, defect: `${wrong} must be a JSON object` };
  if (value.notification === undefined) return { command: null, defect: 'notification is missing' };
  return { command: { like, ...value }, defect: null };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
