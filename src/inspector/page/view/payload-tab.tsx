import type { JSX } from 'preact';
import type { InspectorDetail } from '../../wire.js';
import { layJson } from '../model/json-lines.js';

const PARTS = [
  ['notification', 'Notification'],
  ['transaction', 'Transaction'],
  ['renewalInfo', 'Renewal info'],
  ['appTransaction', 'App transaction'],
  ['realtimeRequest', 'Retention message request'],
  ['payload', 'Payload'],
] as const;

/** The decoded payloads as JSON, with dates and amounts explained. */
export function PayloadTab({ detail }: { readonly detail: InspectorDetail }): JSX.Element {
  const { document } = detail;
  const parts = PARTS.filter(([part]) => document[part] !== undefined);
  if (parts.length === 0)
    return <p class="nothing">The payload could not be decoded. The Raw tab shows what was received.</p>;
  return (
    <>
      {parts.map(([part, title]) => (
        <details key={part} class="block" open>
          <summary>{title}</summary>
          <JsonView value={document[part]} />
        </details>
      ))}
    </>
  );
}

function JsonView({ value }: { readonly value: unknown }): JSX.Element {
  const { lines, isCut } = layJson(value);
  return (
    <div class="json">
      {lines.map((line, index) => (
        <p key={index} style={{ paddingLeft: `${2 * line.depth + 2}ch` }}>
          {line.key !== null && <span class="key">{line.key}: </span>}
          <span class={line.kind}>{line.text}</span>
          {line.note !== null && <span class="note">{line.note}</span>}
        </p>
      ))}
      {isCut && <p class="nothing">The rest is in the Raw tab.</p>}
    </div>
  );
}
