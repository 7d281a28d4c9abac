import type { JSX } from 'preact';
import type { InspectorDetail } from '../../wire.js';
import { groupThousands } from '../model/formats.js';

/** More would stall the page, as of a journal that was made for that. */
const MOST = 500;

/** What the sender was answered, and each attempt at each target with the target's response. */
export function DeliveriesTab({ detail }: { readonly detail: InspectorDetail }): JSX.Element {
  const { document, responses, row } = detail;
  const { deliveries = [] } = document;
  return (
    <>
      {row.answered !== null && (
        <p class="totals">
          The sender received <strong>{row.answered}</strong>.
        </p>
      )}
      {deliveries.length > MOST && <p class="totals">The first {MOST} are shown.</p>}
      {deliveries.length === 0 && <p class="nothing">Not forwarded to any target.</p>}
      {deliveries.length > 0 && (
        <ul class="deliveries">
          {deliveries.slice(0, MOST).map((delivery, index) => (
            <li key={`${delivery.target} ${delivery.attempt} ${index}`}>
              <span class={`verdict ${delivery.outcome === 'accepted' ? 'good' : 'bad'}`}>
                {delivery.outcome.replace('-', ' ')}
              </span>
              <strong>{delivery.target}</strong>
              <span class="number">{delivery.httpStatus ?? 'no response'}</span>
              <span class="number">{groupThousands(Math.round(delivery.ms))} ms</span>
              <span class="number">attempt {delivery.attempt}</span>
              {responses[index] != null && <pre>{responses[index] || '(empty response)'}</pre>}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
